package dev.upshift.postgres;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Witness;
import dev.upshift.time.Budget;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;

/**
 * Opens the administrator's sessions. The server's Unix socket is tried first, because a server
 * that is fenced lets us in nowhere else; where the socket does not let us in (peer authentication,
 * another machine), the address is; and where its port is closed to this machine, the same from the
 * server's own.
 */
public final class Sessions {
  /** The name of our sessions in pg_stat_activity. */
  public static final String APPLICATION_NAME = "upshift";

  /** An invalid authorization specification: no line of pg_hba.conf lets this login in. */
  private static final Set<String> NOT_LET_IN = Set.of("28000", "28P01");

  /**
   * Every session of ours: nobody's functions in the search path, no waiting for ever (also not for
   * a synchronous standby that is gone), writes allowed where the server's default is read-only,
   * and no local triggers (nor the DDL guard that will stand on the old primary) on what we change.
   */
  private static final String SETTINGS =
      "-c search_path=pg_catalog -c statement_timeout=60000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000"
          + " -c synchronous_commit=local -c default_transaction_read_only=off -c session_replication_role=replica -c client_min_messages=warning";

  /** Long enough for a switch, short enough not to be in the way of somebody's DROP DATABASE. */
  private static final Duration KEPT = Duration.ofSeconds(10);

  /** A session that was used a moment ago is not asked first whether it still lives. */
  private static final Duration TRUSTED = Duration.ofMillis(100);

  private static final int VALID_SECONDS = 5;

  /** How long an answer may take: longer than any statement may (statement_timeout). */
  private static final Duration USUAL_ANSWER = Duration.ofSeconds(90);

  /** Where a session is: two servers that take turns at one address are told apart by version. */
  private record Place(String server, String database) {}

  /** A session that nobody uses at present. */
  private record Idle(Connection connection, Deadline trusted, Deadline until) {}

  private final Path passfile;
  private final Witness witness;
  private final boolean dry;
  private final Map<Place, Deque<Idle>> kept = new ConcurrentHashMap<>();
  private final ServerWays ways = new ServerWays();
  private volatile Optional<Budget> hold = Optional.empty();

  private Sessions(Path passfile, Witness witness, boolean dry) {
    this.passfile = passfile;
    this.witness = witness;
    this.dry = dry;
  }

  /** Sessions whose effects are told to the witness before they happen. */
  public static Sessions live(Path passfile, Witness witness) {
    return new Sessions(passfile, witness, false);
  }

  /** Sessions whose effects are only told. */
  public static Sessions dry(Path passfile, Witness witness) {
    return new Sessions(passfile, witness, true);
  }

  /**
   * While clients are held, no answer is waited for longer than that may last: a machine that
   * stands still must not keep everybody waiting.
   */
  public void mindHold(Budget budget) {
    hold = Optional.of(budget);
  }

  private Duration patience() {
    return hold.map(budget -> budget.patience(USUAL_ANSWER)).orElse(USUAL_ANSWER);
  }

  boolean dry() {
    return dry;
  }

  Sql open(PgServer server, String database) {
    return dry
        ? new DrySql(server.name(), () -> connect(server, database), witness)
        : connect(server, database);
  }

  String clientLogin(PgServer server) {
    return ways.clientLogin(server);
  }

  /**
   * A login costs a process on the server and two key derivations, tens of milliseconds where
   * clients wait: so a session that is closed is kept for a while, and given to the next who wants
   * one there.
   */
  private Sql connect(PgServer server, String database) {
    var place = new Place(server.toString(), database);
    var connection = keptAt(place).orElseGet(() -> jdbc(server, database));
    try {
      connection.setNetworkTimeout(Runnable::run, (int) patience().toMillis());
    } catch (SQLException e) {
      throw failed(server, database, e);
    }
    return new LiveSql(server.name(), connection, witness, () -> keep(place, connection));
  }

  private Optional<Connection> keptAt(Place place) {
    var idle = kept.getOrDefault(place, new ArrayDeque<>());
    for (var next = idle.pollFirst(); next != null; next = idle.pollFirst()) {
      if (!next.until().passed() && (!next.trusted().passed() || isAlive(next.connection()))) {
        return Optional.of(next.connection());
      }
      close(next.connection());
      // Where one is dead the others are, too; to find that out of each would take its time.
      idle.forEach(other -> close(other.connection()));
      idle.clear();
    }
    return Optional.empty();
  }

  private boolean isAlive(Connection connection) {
    try {
      return connection.isValid(hold.flatMap(Budget::left).isPresent() ? 1 : VALID_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  private void keep(Place place, Connection connection) {
    try {
      if (connection.isClosed() || !connection.getAutoCommit()) {
        close(connection);
        return;
      }
    } catch (SQLException e) {
      close(connection);
      return;
    }
    kept.computeIfAbsent(place, _ -> new ConcurrentLinkedDeque<>())
        .addFirst(new Idle(connection, Deadline.in(TRUSTED), Deadline.in(KEPT)));
    CompletableFuture.delayedExecutor(KEPT.toMillis() + 1, TimeUnit.MILLISECONDS)
        .execute(() -> kept.values().forEach(Sessions::closeOld));
  }

  private static void closeOld(Deque<Idle> idle) {
    for (var last = idle.peekLast();
        last != null && last.until().passed() && idle.remove(last);
        last = idle.peekLast()) {
      close(last.connection());
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // Its server has gone, and the session with it.
    }
  }

  Connection jdbc(PgServer server, String database) {
    var socket = server.sockets().resolve(".s.PGSQL." + server.port());
    SQLException refused = null;
    if (server.host().exists(socket)) {
      try {
        return throughSocket(server, database, socket);
      } catch (SQLException e) {
        refused = e;
        if (!NOT_LET_IN.contains(String.valueOf(e.getSQLState()))) {
          throw failed(server, database, e);
        }
      }
    }
    try {
      return throughAddress(server, database);
    } catch (SQLException e) {
      if (refused != null) {
        e.addSuppressed(refused);
      }
      throw failed(server, database, e);
    }
  }

  private Connection throughSocket(PgServer server, String database, Path socket)
      throws SQLException {
    var properties = properties(server, database);
    properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
    properties.setProperty("socketFactoryArg", server.host().reach(socket).toString());
    properties.setProperty("sslmode", "disable");
    return DriverManager.getConnection(
        "jdbc:postgresql://localhost:" + server.port() + "/", properties);
  }

  private Connection throughAddress(PgServer server, String database) throws SQLException {
    return ways.open(server, properties(server, database));
  }

  private Properties properties(PgServer server, String database) {
    var properties = new Properties();
    properties.setProperty("user", server.admin().user());
    properties.setProperty("PGDBNAME", database);
    Passfile.read(passfile)
        .ofAdmin(server, database)
        .ifPresent(password -> properties.setProperty("password", password));
    properties.setProperty("ApplicationName", APPLICATION_NAME);
    properties.setProperty("options", SETTINGS);
    long seconds = Math.max(1, patience().toSeconds());
    properties.setProperty(
        "connectTimeout", Long.toString(Math.min(ServerWays.CONNECT_LIMIT.toSeconds(), seconds)));
    properties.setProperty("loginTimeout", Long.toString(Math.min(10, seconds)));
    properties.setProperty("socketTimeout", Long.toString(seconds));
    properties.setProperty("gssEncMode", "disable");
    return properties;
  }

  /** Is the password wrong, or is the server not there? The first is the operator's to correct. */
  private RuntimeException failed(PgServer server, String database, SQLException e) {
    var state = String.valueOf(e.getSQLState());
    var what =
        "could not log in to "
            + server
            + ", database "
            + database
            + ", as "
            + server.admin().user()
            + ": "
            + e.getMessage();
    if (NOT_LET_IN.contains(state)) {
      return new InputError(
          server.name() + ": " + what,
          "is its password in " + passfile + ", and does pg_hba.conf let this machine in?");
    }
    return new WorldError(
        server.name(),
        what + " (SQLSTATE " + state + ")",
        "does the server run, and is its address right?",
        e);
  }
}
