package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.Topology;
import dev.upshift.topology.Topology.Admin;
import dev.upshift.topology.Topology.Server;
import dev.upshift.topology.Topology.Side;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * One PostgreSQL server: a data directory on a host, and the process that may or may not run on it.
 */
public final class PgServer {

  /** How a server is stopped (pg_ctl's words). */
  public enum Stop {
    /** Ends sessions, writes a shutdown checkpoint, hands everything to its standbys. */
    FAST,
    /** Ends at once, without a checkpoint; only for servers that are thrown away. */
    IMMEDIATE
  }

  /** What a server says when it starts; all that it says, where it has no collector. */
  public static final String START_LOG = "start.log";

  private static final Duration PAUSE = Duration.ofMillis(1);

  /** A line of pg_hba.conf turns the login away, or none lets it in. */
  private static final String REJECTED = "28000";

  /** The session remembers when it read its files last, which saves the asking before. */
  private static final String RELOAD =
      "SELECT set_config('upshift.loaded', pg_conf_load_time()::text, false), pg_reload_conf()";

  private static final String LOADED_SINCE =
      "SELECT pg_conf_load_time()::text <> current_setting('upshift.loaded')";

  private final Server server;
  private final Side side;
  private final Admin admin;
  private final Host host;
  private final Sessions sessions;
  private final PgCtl.Files files;
  private final Starter starter;
  private final Postmaster postmaster;
  private final HbaOnDisk hba;

  /**
   * A server.
   *
   * @param host its machine, as the user that owns the data directory
   */
  public PgServer(Server server, Side side, Admin admin, Host host, Sessions sessions) {
    this.server = server;
    this.side = side;
    this.admin = admin;
    this.host = host;
    this.sessions = sessions;
    this.files = new PgCtl.Files(version(), program("pg_ctl"), data(), config());
    this.starter = Starter.of(side.service(), host, files, server);
    var live = new Postmaster.Live(label(), host, files, starter);
    this.hba = new HbaOnDisk(host, config().resolve("pg_hba.conf"));
    this.postmaster = sessions.dry() ? new Postmaster.Dry(live) : live;
  }

  /** What people read: host and version. */
  public String label() {
    return server.name() + " (" + side.version() + ")";
  }

  /** The host's name in the topology. */
  public String name() {
    return server.name();
  }

  /** Where clients find it. */
  public String address() {
    return server.address();
  }

  public int port() {
    return side.port();
  }

  public PgVersion version() {
    return side.version();
  }

  public Path data() {
    return side.data(server);
  }

  /** The folder of postgresql.conf, pg_hba.conf and pg_ident.conf; often the data directory. */
  public Path config() {
    return side.config(server);
  }

  /** The folders that are its own: one, or two where its configuration lies apart. */
  public List<Path> folders() {
    return config().equals(data()) ? List.of(data()) : List.of(data(), config());
  }

  /** What the topology says that starts and stops it. */
  Topology.Service service() {
    return side.service();
  }

  /** The unit that does, where systemd does. */
  String unit() {
    return side.service() instanceof Topology.Service.Systemd unit ? unit.on(server) : "";
  }

  public Path sockets() {
    return side.sockets(server);
  }

  /** A program of this version. */
  public Path program(String name) {
    return side.bin().resolve(name);
  }

  /** Its machine, as the user that owns the data directory. */
  public Host host() {
    return host;
  }

  public Admin admin() {
    return admin;
  }

  /**
   * A folder of ours beside the data directory: jobs, the password file, what the server says when
   * it starts.
   */
  public Path workFolder() {
    return data().resolveSibling(data().getFileName() + ".upshift");
  }

  /** Whether there is a data directory with something in it. */
  public boolean exists() {
    return host.exists(data().resolve("PG_VERSION"));
  }

  /** Whether a postmaster runs on the data directory. */
  public boolean isRunning() {
    return postmaster.isRunning();
  }

  /** The process that works on its data directory. */
  Optional<String> pid() {
    return files.pid(host);
  }

  /** Why it cannot be said whether it runs: its machine is away. Empty where it can. */
  public Optional<String> away() {
    try {
      var _ = isRunning();
      return Optional.empty();
    } catch (WorldError e) {
      return Optional.of(e.what());
    }
  }

  /** What pg_controldata says. */
  public ControlFile control() {
    return ControlFile.parse(
        name(), host.ask(Command.of(program("pg_controldata"), "-D", data())).orFail().out());
  }

  /**
   * Sets a parameter as ALTER SYSTEM would, while the server is down; ALTER SYSTEM RESET takes it
   * out again. The last line of a name counts.
   */
  public void setBeforeStart(String name, String value) {
    AutoConf.of(this).set(name, value);
  }

  /** A parameter as it would be after a start, by its files; it need not run. */
  String setInFiles(String parameter) {
    var command =
        Command.of(program("postgres"), "-D", data())
            .with("-c", "config_file=" + config().resolve("postgresql.conf"))
            .with("-C", parameter);
    return host.ask(command).orFail().out().strip();
  }

  /** What ALTER SYSTEM has said of a setting whose values are words, if anything; by its file. */
  public Optional<String> setBySystem(String name) {
    return AutoConf.of(this).word(name);
  }

  /**
   * Starts it and waits until it answers; does nothing where it runs.
   *
   * @throws WorldError with the end of its log, when it does not come up in time
   */
  public void start(Deadline deadline) {
    if (isRunning()) {
      return;
    }
    host.makeFolder(workFolder());
    postmaster.start(workFolder().resolve(START_LOG), deadline);
  }

  /**
   * Stops it and waits until it is gone; does nothing where it does not run. Returning says nothing
   * about its standbys.
   */
  public void stop(Stop mode, Deadline deadline) {
    if (!isRunning()) {
      return;
    }
    postmaster.stop(mode, deadline);
  }

  /** From now on nobody but {@link #start} brings it up, as far as its machine can see to that. */
  public void keepDown() {
    postmaster.keepDown();
  }

  /** From now on it comes up with its machine, where something is there to see to that. */
  public void comeUpWithMachine() {
    new StartConf(host, config()).comeUp();
    starter.comeUpWithMachine();
  }

  /** Whether nothing is known that keeps it from coming up with its machine. */
  public boolean mayComeUp() {
    return sessions.dry() || (new StartConf(host, config()).mayComeUp() && starter.mayComeUp());
  }

  /** From now on it does not come up with its machine. */
  public void stayDownWithMachine() {
    new StartConf(host, config()).stayDown();
    starter.stayDownWithMachine();
  }

  /** A session of the administrator in the database that the topology names. */
  public Sql connect() {
    return connect(admin.database());
  }

  /** A session of the administrator. */
  public Sql connect(String database) {
    return sessions.open(this, database);
  }

  /**
   * A bare connection of the administrator, for code that measures from outside and brings its own
   * statements.
   *
   * @throws WorldError when the server does not answer
   */
  public java.sql.Connection jdbc(String database) {
    return sessions.jdbc(this, database);
  }

  /**
   * Does the same in several databases at once, each in a session of its own; what came of each, in
   * their order. Where effects are only shown, one after the other.
   */
  public <R> List<R> inEach(List<String> databases, BiFunction<String, Sql, R> work) {
    Function<String, R> one =
        database -> {
          try (var session = connect(database)) {
            return work.apply(database, session);
          }
        };
    return sessions.dry() ? databases.stream().map(one).toList() : AtOnce.each(databases, one);
  }

  /** The first value of a statement that only looks, in a session of its own. */
  public Optional<String> ask(String sql, Object... parameters) {
    try (var session = connect()) {
      return session.value(sql, parameters);
    }
  }

  /** Does one statement in a session of its own. */
  public void execute(String sql, Object... parameters) {
    try (var session = connect()) {
      session.execute(sql, parameters);
    }
  }

  /** Whether it replays WAL: a standby, or a promotion that has not finished. */
  public boolean isInRecovery() {
    return !ask("SELECT pg_is_in_recovery()").orElse("t").equals("f");
  }

  /** Whether this is a dry run, in which what was done to it cannot be seen on it. */
  boolean isOnlyShown() {
    return sessions.dry();
  }

  /**
   * Waits until something shows on it that an effect has brought about; says whether it came to
   * that in time. In a dry run it did: there was no effect that it could come from.
   */
  public boolean shows(Deadline deadline, Duration pause, BooleanSupplier condition) {
    return sessions.dry() || deadline.until(pause, condition);
  }

  /** The text of its pg_hba.conf; in a dry run none where a step would have made the server. */
  public HbaFile hba() {
    return hba.read()
        .or(() -> sessions.dry() ? Optional.of(new HbaFile("")) : Optional.empty())
        .orElseThrow(() ->
            new WorldError(
                name(),
                "there is no pg_hba.conf in " + config(),
                "is the data directory in the topology right?"));
  }

  /** Replaces its pg_hba.conf; it counts only after a reload. */
  public void writeHba(HbaFile text) {
    hba.write(text);
  }

  /** Lays a pg_hba.conf ready, so that {@link #writeHba} of the same is one rename. */
  public void layHbaReady(HbaFile text) {
    hba.layReady(text);
  }

  /** Throws away what was laid ready and not written. */
  public void forgetHba() {
    hba.forget();
  }

  /**
   * Makes the server read its files again, and waits until it has: a reload is asynchronous ({@code
   * pg_conf_load_time}; safety.md §2.4).
   */
  public void reload(Deadline deadline) {
    try (var session = connect()) {
      session.execute(RELOAD);
      awaitReload(session, deadline);
    }
  }

  private void awaitReload(Sql session, Deadline deadline) {
    if (sessions.dry()) {
      return;
    }
    // The postmaster signals its children while it reads its files anew, and accepts nobody until
    // it
    // has read them all, pg_hba.conf last (process_pm_reload_request, postmaster.c): when this
    // session has seen the signal, whoever comes is met by the new rules.
    if (!deadline.until(PAUSE, () -> session.isTrue(LOADED_SINCE))) {
      throw new WorldError(
          name(),
          label()
              + " did not read its configuration again within "
              + deadline.length().toSeconds()
              + " s",
          "");
    }
  }

  /**
   * Tries to log in at the server's address as an application would, with a name that nobody has
   * and no password: a fence must turn it away before any password is asked for.
   *
   * @return how the login went when the fence did not turn it away; empty where it did
   */
  public Optional<String> letsIn() {
    var state = sessions.clientLogin(this);
    return state.equals(REJECTED)
        ? Optional.empty()
        : Optional.of("a login at " + label() + " gave '" + state + "'");
  }

  /** Server, version and address, for errors and logs. */
  @Override
  public String toString() {
    return label() + " at " + address() + ":" + port();
  }
}
