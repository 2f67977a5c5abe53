package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.JobState;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The empty cluster of the new version that pg_upgrade fills: made so that it matches the old one,
 * fenced from its birth.
 */
public final class NewCluster {
  /** The name of the block in pg_hba.conf that lets nobody in but the administrator. */
  public static final String FENCE = "fence";

  /** What stands above our own settings in its postgresql.conf. */
  static final String OWN_SECTION = "\n# --- set by upshift\n";

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final Duration INITDB_LIMIT = Duration.ofMinutes(10);

  /** Files that SSL settings may name relative to the data directory. */
  private static final List<String> FILE_SETTINGS =
      List.of("ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_crl_file", "ssl_dh_params_file");

  /** What initdb must be told, taken from the one database that cannot have been changed since. */
  private static final String LOCALE_FROM_15 =
      """
      SELECT pg_encoding_to_char(encoding), datcollate, datctype, datlocprovider,
        coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', '')
      FROM pg_database d WHERE datname = 'template0'
      """;

  private static final String LOCALE_BEFORE_15 =
      "SELECT pg_encoding_to_char(encoding), datcollate, datctype, 'c', '' FROM pg_database WHERE datname = 'template0'";

  private final PgServer cluster;
  private final PgServer old;
  private final Passfile passfile;
  private final OwnRole role;
  private final List<String> sources;

  /**
   * The cluster that will be on {@code cluster}'s data directory, like the running one of {@code
   * old}.
   *
   * @param role the role that its standbys are copied as while it is fenced
   * @param sources the addresses (CIDR) that they connect from
   */
  public NewCluster(
      PgServer cluster, PgServer old, Passfile passfile, OwnRole role, List<String> sources) {
    this.cluster = cluster;
    this.old = old;
    this.passfile = passfile;
    this.role = role;
    this.sources = List.copyOf(sources);
  }

  /** The server. */
  public PgServer server() {
    return cluster;
  }

  /**
   * Makes it anew: whatever is in its data directory is removed first (that it is ours, the caller
   * has made sure of). It is started once, to prove the settings, and stopped.
   *
   * @return the settings of the old server, with those that the new version does not take
   */
  public Settings create() {
    var settings = Settings.of(old, cluster);
    remove();
    initdb();
    ConfigFolder.settle(cluster, old);
    configure(settings);
    fence();
    cluster.start(Deadline.in(START_LIMIT));
    cluster.stop(PgServer.Stop.FAST, Deadline.in(START_LIMIT));
    return settings;
  }

  /** Ends its processes and removes its data directory; does nothing where there is none. */
  public void remove() {
    var host = cluster.host();
    // Begun by a process of ours that died; going on, it would empty the folder of the next one.
    boolean halfMade = isHalfMade();
    host.kill(job(), STOP_LIMIT);
    if (cluster.exists() && !halfMade) {
      cluster.stop(PgServer.Stop.IMMEDIATE, Deadline.in(START_LIMIT));
    }
    ConfigFolder.removeWithData(cluster);
    host.remove(job());
  }

  private boolean isHalfMade() {
    return switch (cluster.host().state(job())) {
      case JobState.NotStarted() -> false;
      case JobState.Ended(int exit) -> exit != 0;
      case JobState.Running(), JobState.Lost() -> true;
    };
  }

  private void initdb() {
    var host = cluster.host();
    host.makeFolder(cluster.workFolder());
    var passwordFile = cluster.workFolder().resolve("initdb-password");
    host.replaceSecret(passwordFile, adminPassword().orElse(""));
    try {
      host.makeFolder(cluster.data());
      host.launch(job(), initdbCommand(passwordFile));
      if (!(host.await(job(), Deadline.in(INITDB_LIMIT)) instanceof JobState.Ended(int exit)
          && exit == 0)) {
        var said = host.readText(job().resolve("err")).orElse("").strip();
        throw new WorldError(host.name(), "initdb failed: " + said, "what it said is in " + job());
      }
    } finally {
      host.remove(passwordFile);
    }
  }

  private Path job() {
    return cluster.workFolder().resolve("initdb");
  }

  /** The administrator's password on the old side: the same is his on the new one. */
  public Optional<String> adminPassword() {
    return passwords().ofAdmin(old, old.admin().database());
  }

  /** The file that has it. */
  public Passfile passwords() {
    return passfile;
  }

  private Command initdbCommand(Path passwordFile) {
    var control = old.control();
    var command =
        Command.of(
                cluster.program("initdb"),
                "--pgdata",
                cluster.data(),
                "--username",
                cluster.admin().user())
            .with("--pwfile", passwordFile, "--auth", "scram-sha-256")
            .with("--wal-segsize", control.walSegmentBytes() / (1024 * 1024))
            .with(localeOptions().toArray());
    if (control.checksums()) {
      return command.with("--data-checksums");
    }
    // 18's initdb turns checksums on unless told otherwise; pg_upgrade refuses clusters that
    // differ.
    return cluster.version().atLeast(18) ? command.with("--no-data-checksums") : command;
  }

  private List<String> localeOptions() {
    var sql = old.version().atLeast(15) ? LOCALE_FROM_15 : LOCALE_BEFORE_15;
    try (var session = old.connect()) {
      var row =
          session
              .query(
                  sql,
                  r ->
                      List.of(
                          r.getString(1),
                          r.getString(2),
                          r.getString(3),
                          r.getString(4),
                          r.getString(5)))
              .getFirst();
      var options =
          new ArrayList<>(
              List.of(
                  "--encoding", row.get(0), "--lc-collate", row.get(1), "--lc-ctype", row.get(2)));
      if (row.get(3).equals("i")) {
        options.addAll(List.of("--locale-provider", "icu", "--icu-locale", row.get(4)));
      } else if (row.get(3).equals("b")) {
        options.addAll(List.of("--locale-provider", "builtin", "--builtin-locale", row.get(4)));
      }
      return options;
    }
  }

  private void configure(Settings settings) {
    var host = cluster.host();
    copyFilesNamedBy(settings);
    var text =
        new StringBuilder(host.readText(cluster.config().resolve("postgresql.conf")).orElse(""));
    text.append("\n# --- carried over from ").append(old.label()).append(" by upshift\n");
    settings.carried().forEach((name, value) -> text.append(Settings.line(name, value)));
    text.append(OWN_SECTION);
    own(settings).forEach((name, value) -> text.append(Settings.line(name, value)));
    host.replaceText(cluster.config().resolve("postgresql.conf"), text.toString());
  }

  /**
   * Archiving stays off until the new cluster has an archive of its own: two clusters must not push
   * into one.
   */
  private Map<String, String> own(Settings settings) {
    var own = new LinkedHashMap<String, String>();
    own.put("port", Integer.toString(cluster.port()));
    own.put("listen_addresses", listenAddresses());
    own.put("unix_socket_directories", cluster.sockets().toString());
    own.put("wal_level", "logical");
    own.put("archive_mode", "off");
    own.putAll(roomToFollow(settings));
    return own;
  }

  /**
   * With the usual limits logical replication stops at four databases (DESIGN.md §6, fact 18). Its
   * standbys are copied from it later, so they have the same room.
   */
  private Map<String, String> roomToFollow(Settings settings) {
    int databases = Databases.of(old).size();
    var room = new LinkedHashMap<String, String>();
    raise(room, settings, "max_logical_replication_workers", 4, databases + 4);
    raise(room, settings, "max_worker_processes", 8, databases + 12);
    raise(room, settings, "max_replication_slots", 10, databases + 10);
    raise(room, settings, "max_wal_senders", 10, databases + 10);
    if (cluster.version().atLeast(18)) {
      raise(room, settings, "max_active_replication_origins", 10, databases + 10);
    }
    return room;
  }

  private static void raise(
      Map<String, String> room, Settings settings, String name, int usual, int least) {
    var carried = settings.carried().get(name);
    int now = carried == null ? usual : Integer.parseInt(carried);
    if (now < least) {
      room.put(name, Integer.toString(least));
    }
  }

  private String listenAddresses() {
    var theirs = old.ask("SHOW listen_addresses").orElse("");
    return theirs.contains("*") ? "*" : cluster.address();
  }

  private void copyFilesNamedBy(Settings settings) {
    for (var name : FILE_SETTINGS) {
      var value = settings.carried().getOrDefault(name, "");
      if (!value.isEmpty() && !value.startsWith("/")) {
        old.host()
            .read(old.data().resolve(value))
            .ifPresent(bytes -> cluster.host().replace(cluster.data().resolve(value), bytes));
      }
    }
  }

  /**
   * Lets nobody in but the administrator on the server's own Unix socket, and physical replication
   * as our role, which cannot write (manual, "Streaming Replication Protocol"); behind it stand the
   * old server's lines, for later.
   */
  public void fence() {
    cluster.writeHba(old.hba().withBlock(FENCE, fenceLines()));
    old.host()
        .read(old.config().resolve("pg_ident.conf"))
        .ifPresent(
            bytes -> cluster.host().replace(cluster.config().resolve("pg_ident.conf"), bytes));
  }

  private List<String> fenceLines() {
    var lines = new ArrayList<String>();
    lines.add(HbaFile.allow("local", "all", cluster.admin().user(), Optional.empty()));
    sources.forEach(source ->
        lines.add(HbaFile.allow("host", "replication", role.name(), Optional.of(source))));
    lines.addAll(HbaFile.rejectAll());
    return lines;
  }
}
