package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.JobState;
import dev.upshift.postgres.Passfile;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * The lab's poolers: pool1 is the machine's PgBouncer, pool2 the newest, so that both versions are
 * at work (where the older version is one that the newest leads back to). Each has a configuration
 * and a socket folder of its own.
 */
final class LabPoolers {
  /** The user of their consoles; no role of the databases. */
  static final String ADMIN = "pgbouncer";

  /** The entry that leads to the primary. */
  static final String WRITE = "app";

  /** The entries that lead to the standbys: pages, searches. */
  static final List<String> READ = List.of("app_ro", "app_ro2");

  /** Who comes in. */
  private static final List<String> USERS = List.of("app", "app_ro", "upshift_probe", ADMIN);

  private static final String SECRET = "SELECT rolpassword FROM pg_authid WHERE rolname = ?";

  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final LabPlan plan;

  LabPoolers(LabPlan plan) {
    this.plan = plan;
  }

  /** Starts both, and waits until clients get through to every server. */
  void start(List<Path> programs, Progress progress) {
    progress.at("starting the poolers", 0, 1);
    var tasks = new ArrayList<Runnable>();
    for (int i = 0; i < LabPlan.POOLS.size(); i++) {
      var name = LabPlan.POOLS.get(i);
      var program = programs.get(i);
      tasks.add(() -> start(name, program));
    }
    Together.run(tasks);
    progress.at("starting the poolers", 1, 1);
  }

  private Host host(String name) {
    return plan.machines().host(name).as(plan.osUser());
  }

  private void start(String name, Path program) {
    var folder = plan.folder();
    var host = host(name);
    host.makeFolder(folder.pooler(name));
    host.replaceText(users(name), secrets());
    host.makeFolder(sockets(name));
    host.replaceText(folder.poolerConfig(name), config(name));
    host.launch(folder.poolerJob(name), Command.of(program, folder.poolerConfig(name)));
    awaitEntry(name, WRITE);
    READ.forEach(entry -> awaitEntry(name, entry));
  }

  private Path users(String name) {
    return plan.folder().pooler(name).resolve("users.txt");
  }

  /** On a host of its own, where only that host sees them. */
  private Path sockets(String name) {
    return plan.machines().areSeparate()
        ? Path.of(LabFolder.SOCKETS_OF_A_HOST)
        : plan.folder().pooler(name);
  }

  /**
   * The same SCRAM secrets that the servers have, as PgBouncer's manual advises: with the password
   * as it is, the process would derive its keys again at each login (4,096 rounds), clients' and
   * its own, and do nothing else meanwhile.
   */
  private String secrets() {
    var primary = plan.server("db1", plan.oldSide());
    return USERS.stream()
        .map(user ->
            "\"%s\" \"%s\"\n".formatted(user, primary.ask(SECRET, user).orElse(password(user))))
        .collect(Collectors.joining());
  }

  private String password(String user) {
    return Passfile.read(plan.folder().passfile())
        .password("*", plan.addresses().port(), "*", user)
        .orElseThrow();
  }

  private String config(String name) {
    var addresses = plan.addresses();
    return """
    ;; %1$s of the lab: clients ask for one of these databases. upshift changes nothing but 'host='.
    [databases]
    app = %2$s
    app_ro = %3$s
    app_ro2 = %4$s

    [pgbouncer]
    listen_addr = %5$s
    listen_port = %6$d
    unix_socket_dir = %7$s
    auth_type = scram-sha-256
    auth_file = %8$s
    admin_users = %9$s
    pool_mode = transaction
    ;; Small, because up to five pools of each process can meet on one server of 100 connections.
    default_pool_size = 8
    max_client_conn = 400
    log_connections = 0
    log_disconnections = 0
    """
        .formatted(
            name,
            entry("db1"),
            entry("db2"),
            entry("db3"),
            addresses.pooler(name),
            addresses.port(),
            sockets(name),
            users(name),
            ADMIN);
  }

  private String entry(String server) {
    return "host=%s port=%d dbname=%s"
        .formatted(plan.addresses().database(server), plan.addresses().port(), OldCluster.DATABASE);
  }

  private void awaitEntry(String name, String entry) {
    var last = new SQLException[1];
    if (!Deadline.in(START_LIMIT).until(PAUSE, () -> answers(name, entry, last))) {
      var said = host(name).readText(plan.folder().poolerJob(name).resolve("err")).orElse("");
      throw new WorldError(
          name,
          "nobody gets through to %s within %d s: %s%n%s"
              .formatted(entry, START_LIMIT.toSeconds(), last[0].getMessage(), said.strip()),
          "see whether the machine is overloaded, then try again");
    }
  }

  private boolean answers(String name, String entry, SQLException[] last) {
    var login = new Properties();
    var user = entry.equals(WRITE) ? "app" : "app_ro";
    login.setProperty("user", user);
    login.setProperty("password", password(user));
    login.setProperty("connectTimeout", "5");
    login.setProperty("sslmode", "disable");
    login.setProperty("gssEncMode", "disable");
    login.setProperty("prepareThreshold", "0");
    var url =
        "jdbc:postgresql://%s:%d/%s"
            .formatted(plan.addresses().pooler(name), plan.addresses().port(), entry);
    try (var connection = DriverManager.getConnection(url, login)) {
      return connection.isValid(5);
    } catch (SQLException e) {
      last[0] = e;
      return false;
    }
  }

  /** Whether one of them runs. */
  boolean runs(String name) {
    return host(name).state(plan.folder().poolerJob(name)) instanceof JobState.Running;
  }
}
