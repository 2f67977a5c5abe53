package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.lab.fleet.PodcastSchema;
import dev.upshift.postgres.ConfigFolder;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Settings;
import dev.upshift.postgres.Sql;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;

/** Makes the servers of the old version: a primary, its standbys, the site's database. */
final class OldCluster {
  static final String DATABASE = "podcasts";
  private static final String REPLICATOR = "replicator";

  /** Applications, the probe, replication; the superuser is initdb's. */
  private static final List<String> ROLES = List.of("app", "app_ro", "upshift_probe", REPLICATOR);

  private static final String MARK = "\n# --- the lab's settings\n";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration COPY_LIMIT = Duration.ofMinutes(10);
  private static final int LAST_LINES = 5;
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final LabPlan plan;
  private final LabOptions options;
  private final Passwords passwords;

  OldCluster(LabPlan plan, LabOptions options) {
    this.plan = plan;
    this.options = options;
    var roles = new ArrayList<String>(List.of(LabPlan.SUPERUSER));
    roles.addAll(ROLES);
    if (options.poolers()) {
      roles.add(LabPoolers.ADMIN);
    }
    this.passwords = Passwords.make(roles);
  }

  /** Writes the passwords, then makes and starts the primary, with its roles, still empty. */
  void createPrimary() {
    passwords.write(plan.folder().passfile(), plan.addresses().port());
    var primary = primary();
    initdb(primary);
    ConfigFolder.settle(primary, primary);
    var host = primary.host();
    var conf = host.readText(conf(primary)).orElse("");
    host.replaceText(conf(primary), conf + MARK + settings(primary));
    host.replaceText(primary.config().resolve("pg_hba.conf"), hba());
    if (plan.keeper().isDebians()) {
      host.replaceText(primary.config().resolve("start.conf"), "# as Debian has it\nauto\n");
    }
    if (options.archive()) {
      host.makeFolder(plan.folder().archive());
    }
    start(primary);
    try (var session = primary.connect()) {
      for (var role : ROLES) {
        var replication = role.equals(REPLICATOR) ? " REPLICATION" : "";
        session.execute("CREATE ROLE " + Sql.identifier(role) + " LOGIN" + replication);
        session.setPassword(role, passwords.of(role));
      }
      session.execute("CREATE DATABASE " + Sql.identifier(DATABASE));
    }
  }

  PgServer primary() {
    return plan.server("db1", plan.oldSide());
  }

  private void initdb(PgServer primary) {
    var host = primary.host();
    var password = primary.workFolder().resolve("initdb-password");
    host.makeFolder(primary.sockets());
    host.makeFolder(primary.workFolder());
    host.replaceText(password, passwords.of(LabPlan.SUPERUSER));
    host.run(
        Command.of(
            primary.program("initdb"),
            "--pgdata",
            primary.data(),
            "--username",
            LabPlan.SUPERUSER,
            "--pwfile",
            password,
            "--auth",
            passwordMethod(),
            "--encoding",
            "UTF8",
            "--locale",
            "C.UTF-8",
            "--no-sync"));
    host.remove(password);
  }

  private static Path conf(PgServer server) {
    return server.config().resolve("postgresql.conf");
  }

  /** Small enough for eight servers on a laptop; everything that matters for an upgrade is real. */
  private String settings(PgServer server) {
    var settings = new LinkedHashMap<String, String>();
    settings.put("listen_addresses", server.address());
    settings.put("port", Integer.toString(server.port()));
    settings.put("unix_socket_directories", server.sockets().toString());
    settings.put("cluster_name", server.name());
    settings.put("password_encryption", "scram-sha-256");
    settings.put("shared_buffers", "32MB");
    settings.put("max_wal_size", "256MB");
    settings.put("wal_level", "logical");
    settings.put("hot_standby", "on");
    settings.put("max_wal_senders", "10");
    settings.put("max_replication_slots", "10");
    settings.put("logging_collector", "on");
    // Beside the data directory, so that each version of each server has its own.
    settings.put("log_directory", "../log");
    settings.put("log_filename", "postgresql.log");
    settings.put("log_rotation_age", "0");
    settings.put("log_rotation_size", "0");
    settings.put("log_line_prefix", "%m [%p] %q%u@%d/%a ");
    settings.put("log_lock_waits", "on");
    if (options.archive()) {
      var folder = plan.folder().archive();
      settings.put("archive_mode", "on");
      settings.put("archive_command", "test ! -f %1$s/%%f && cp %%p %1$s/%%f".formatted(folder));
    }
    settings.putAll(options.settings());
    var text = new StringBuilder();
    settings.forEach((name, value) -> text.append(Settings.line(name, value)));
    return text.toString();
  }

  /**
   * On Debian as its packages have it, and as a cluster has it that was made before 14: sockets let
   * in whose account it is, and the superuser's password is kept as MD5.
   */
  private String hba() {
    return """
    # TYPE  DATABASE     USER        ADDRESS      METHOD
    local   all          all                      %2$s
    host    all          all         %1$s  %3$s
    host    replication  replicator  %1$s  %3$s
    """
        .formatted(
            plan.addresses().range(),
            plan.keeper().isDebians() ? "peer" : passwordMethod(),
            passwordMethod());
  }

  private String passwordMethod() {
    return plan.keeper().isDebians() ? "md5" : "scram-sha-256";
  }

  /** Copies the primary and starts the copy as a standby under a slot of its own name. */
  void createStandby(String name) {
    var primary = primary();
    var standby = plan.server(name, plan.oldSide());
    var host = standby.host();
    Replication.createSlot(primary, name);
    host.makeFolder(standby.sockets());
    host.makeFolder(standby.data());
    host.makeFolder(plan.folder().database(name));
    var passfile = plan.folder().database(name).resolve("replication.pgpass");
    host.replaceText(passfile, passwords.line(REPLICATOR, primary.port()));
    var conninfo =
        "host=%s port=%d user=%s passfile=%s application_name=%s"
            .formatted(primary.address(), primary.port(), REPLICATOR, passfile, name);
    host.run(
        Command.of(standby.program("pg_basebackup"), "--dbname", conninfo, "--no-password")
            .with("--pgdata", standby.data(), "--slot", name, "--wal-method", "stream")
            .with("--write-recovery-conf", "--checkpoint", "fast", "--no-sync")
            .within(COPY_LIMIT));
    ConfigFolder.copy(primary, standby);
    var text = host.readText(conf(standby)).orElse("");
    var sample = text.substring(0, text.indexOf(MARK));
    host.replaceText(conf(standby), sample + MARK + settings(standby));
    standby.comeUpWithMachine();
    start(standby);
  }

  /** With the end of its log in the failure: the folder will be gone when somebody reads it. */
  private static void start(PgServer server) {
    try {
      server.start(Deadline.in(START_LIMIT));
    } catch (WorldError e) {
      throw new WorldError(e.where(), e.what() + logEnd(server), "", e);
    }
  }

  private static String logEnd(PgServer server) {
    var log = server.data().resolveSibling("log").resolve("postgresql.log");
    var lines = server.host().readText(log).orElse("").lines().toList();
    return lines.stream()
        .skip(Math.max(0, lines.size() - LAST_LINES))
        .map(line -> "\n  " + line)
        .collect(Collectors.joining());
  }

  /** Fills the site's database. */
  void load(Progress progress) {
    var primary = primary();
    var login = new Properties();
    login.setProperty("user", LabPlan.SUPERUSER);
    login.setProperty("password", passwords.of(LabPlan.SUPERUSER));
    login.setProperty("ApplicationName", "upshift lab");
    var url = "jdbc:postgresql://%s:%d/%s".formatted(primary.address(), primary.port(), DATABASE);
    try (var connection = DriverManager.getConnection(url, login)) {
      PodcastSchema.create(
          connection, options.scale(), (done, total) -> progress.at("loading rows", done, total));
    } catch (SQLException e) {
      throw new WorldError(
          primary.name(),
          "the site's database could not be filled: " + e.getMessage(),
          "is the disk full?",
          e);
    }
  }

  /** Waits until every standby streams and has replayed what the primary has written by now. */
  void awaitStandbys(Deadline deadline) {
    var primary = primary();
    var written = Replication.current(primary);
    for (var name : LabPlan.STANDBYS) {
      var standby = plan.server(name, plan.oldSide());
      boolean there =
          deadline.until(
              PAUSE,
              () ->
                  Replication.streams(primary, name)
                      && Replication.replayed(standby)
                          .map(replayed -> replayed.compareTo(written) >= 0)
                          .orElse(false));
      if (!there) {
        throw new WorldError(
            name,
            "the standby did not follow the primary within " + deadline.length().toSeconds() + " s",
            "see whether the machine is overloaded; what it said:" + logEnd(standby));
      }
    }
  }

  /** Makes the place for the candidate: folders, and nothing in them. */
  void preparePlace(String name) {
    var place = plan.server(name, plan.oldSide());
    place.host().makeFolder(plan.folder().database(name));
    place.host().makeFolder(place.sockets());
  }
}
