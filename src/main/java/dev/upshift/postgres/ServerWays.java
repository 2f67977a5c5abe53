package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How each server's port is reached: from here, and where nobody answers, from the server's own
 * machine, if that comes to it; then all at that address by that way from now on. A firewall that
 * drops packets costs the time limit of the first try: the looks before the hold bear it, and
 * nobody who waits.
 */
final class ServerWays {
  /**
   * How long a connection is tried: one packet that is lost is sent again after a second (RFC
   * 6298); for what is lost more often there is the other way.
   */
  static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);

  private static final Duration LOGIN_LIMIT = Duration.ofSeconds(5);
  private static final String NOBODY = "upshift_nobody";

  /** The connection was not made. */
  private static final String NOBODY_ANSWERS = "08001";

  /** Of all states of this class: the server said nothing. */
  private static final String CONNECTION_CLASS = "08";

  /** Of that class, and an answer: the server asks for a password, and the driver has none. */
  private static final String NO_PASSWORD = "08004";

  /** The addresses that are closed to this machine, and open to their own. */
  private final Set<String> led = ConcurrentHashMap.newKeySet();

  /**
   * The SQLSTATE that a login of a role that nobody has comes to, at the server's port: {@link
   * ClientLogin#state}.
   *
   * @throws WorldError where only its own machine leads there, and does not answer
   */
  String clientLogin(PgServer server) {
    boolean isLed = isLed(server);
    var state = clientLogin(server, way(server, isLed));
    if (!state.equals(NOBODY_ANSWERS) || isLed) {
      return state;
    }
    var second = throughItsMachine(server).map(way -> clientLogin(server, way)).orElse(state);
    if (saysNothing(second)) {
      return state;
    }
    led.add(server.address());
    return second;
  }

  private static String clientLogin(PgServer server, ServerWay way) {
    return ClientLogin.state(way, NOBODY, server.admin().database(), LOGIN_LIMIT)
        .orElseGet(() -> clientLoginWithTls(server, way));
  }

  private static String clientLoginWithTls(PgServer server, ServerWay way) {
    var properties = new Properties();
    properties.setProperty("user", NOBODY);
    properties.setProperty("PGDBNAME", server.admin().database());
    properties.setProperty("connectTimeout", Long.toString(CONNECT_LIMIT.toSeconds()));
    properties.setProperty("loginTimeout", "10");
    properties.setProperty("gssEncMode", "disable");
    try (var connection = way.open(properties)) {
      return connection.isClosed() ? "closed" : "00000";
    } catch (SQLException e) {
      return String.valueOf(e.getSQLState());
    }
  }

  /**
   * A session at the server's port. What the server says by the other way is the answer; where it
   * says nothing there either, it is what came of the first.
   *
   * @throws WorldError where only its own machine leads there, and does not answer
   */
  Connection open(PgServer server, Properties properties) throws SQLException {
    boolean isLed = isLed(server);
    try {
      return way(server, isLed).open(properties);
    } catch (SQLException first) {
      if (!NOBODY_ANSWERS.equals(first.getSQLState()) || isLed) {
        throw first;
      }
      var other = throughItsMachine(server).orElseThrow(() -> first);
      try {
        var connection = other.open(properties);
        led.add(server.address());
        return connection;
      } catch (SQLException second) {
        throw saysNothing(String.valueOf(second.getSQLState())) ? first : second;
      }
    }
  }

  /** Looked at once for each try: another thread may find the way meanwhile. */
  private boolean isLed(PgServer server) {
    return led.contains(server.address());
  }

  private static ServerWay way(PgServer server, boolean isLed) {
    return isLed ? ServerWay.throughItsMachine(server).orElseThrow() : ServerWay.direct(server);
  }

  /** None where its machine is this one, or does not answer. */
  private static Optional<ServerWay> throughItsMachine(PgServer server) {
    try {
      return ServerWay.throughItsMachine(server);
    } catch (WorldError e) {
      return Optional.empty(); // what came of the first way is told
    }
  }

  private static boolean saysNothing(String state) {
    return state.startsWith(CONNECTION_CLASS) && !state.equals(NO_PASSWORD);
  }
}
