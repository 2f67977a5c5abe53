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

  /** The addresses that are closed to this machine, and open to their own. */
  private final Set<String> led = ConcurrentHashMap.newKeySet();

  /**
   * The SQLSTATE that a login of a role that nobody has comes to, at the server's port: {@link
   * ClientLogin#state}.
   *
   * @throws WorldError where only its own machine leads there, and does not answer
   */
  String clientLogin(PgServer server) {
    var state = clientLogin(server, way(server));
    if (!state.equals(NOBODY_ANSWERS)) {
      return state;
    }
    var other = otherWay(server);
    var second = other.map(way -> clientLogin(server, way)).orElse(state);
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
    try {
      return way(server).open(properties);
    } catch (SQLException first) {
      if (!NOBODY_ANSWERS.equals(first.getSQLState())) {
        throw first;
      }
      var other = otherWay(server).orElseThrow(() -> first);
      try {
        var connection = other.open(properties);
        led.add(server.address());
        return connection;
      } catch (SQLException second) {
        throw saysNothing(String.valueOf(second.getSQLState())) ? first : second;
      }
    }
  }

  private ServerWay way(PgServer server) {
    return led.contains(server.address())
        ? ServerWay.throughItsMachine(server).orElseThrow()
        : ServerWay.direct(server);
  }

  /** The one that is not taken now; none where its machine is this one, or does not answer. */
  private Optional<ServerWay> otherWay(PgServer server) {
    if (led.contains(server.address())) {
      return Optional.empty();
    }
    try {
      return ServerWay.throughItsMachine(server);
    } catch (WorldError e) {
      return Optional.empty(); // what came of the first way is told
    }
  }

  private static boolean saysNothing(String state) {
    return state.startsWith(CONNECTION_CLASS);
  }
}
