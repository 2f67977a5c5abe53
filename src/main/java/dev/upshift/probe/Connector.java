package dev.upshift.probe;

import dev.upshift.probe.log.Lane;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Opens connections as a client does, and can break them all when the probe must end. */
final class Connector implements Connections {
  private static final String CONNECT_TIMEOUT_SECONDS = "5";
  private static final String SOCKET_TIMEOUT_SECONDS = "30";

  private final ProbeOptions options;
  private final String readPassword;
  private final String writePassword;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();

  /**
   * Reads the passwords of both names.
   *
   * @throws UsageError when one is missing
   */
  Connector(ProbeOptions options) {
    this.options = options;
    PassFile passwords = PassFile.read(options.passfile());
    this.readPassword = password(passwords, options.readName(), options.readDatabase());
    this.writePassword =
        options.writes()
            ? password(passwords, options.writeName(), options.writeDatabase())
            : readPassword;
  }

  private String password(PassFile passwords, String name, String database) {
    return passwords
        .password(name, options.port(), database, options.user())
        .orElseThrow(() ->
            new UsageError(
                "passfile " + options.passfile() + ": no line for " + name,
                "add a line for role %s, database %s, port %d"
                    .formatted(options.user(), database, options.port())));
  }

  @Override
  public Link open(Lane lane) throws SQLException {
    String host = lane.writes() ? options.writeName() : options.readName();
    String database = lane.writes() ? options.writeDatabase() : options.readDatabase();
    String url =
        "jdbc:postgresql://%s:%d/%s"
            .formatted(
                host.contains(":") ? "[" + host + "]" : host,
                options.port(),
                URLEncoder.encode(database, StandardCharsets.UTF_8));
    var watch = new ReplyWatch();
    String id = WatchedSockets.register(watch);
    try {
      Connection connection = DriverManager.getConnection(url, properties(lane, id));
      open.add(connection);
      return new Link(connection, watch);
    } finally {
      WatchedSockets.forget(id);
    }
  }

  private Properties properties(Lane lane, String watchId) {
    var properties = new Properties();
    properties.setProperty("user", options.user());
    properties.setProperty("password", lane.writes() ? writePassword : readPassword);
    properties.setProperty("ApplicationName", "upshift_probe_" + lane.id());
    properties.setProperty("connectTimeout", CONNECT_TIMEOUT_SECONDS);
    properties.setProperty("socketTimeout", SOCKET_TIMEOUT_SECONDS);
    properties.setProperty("loginTimeout", SOCKET_TIMEOUT_SECONDS);
    properties.setProperty("autosave", "never");
    properties.setProperty("sslmode", "prefer");
    properties.setProperty("gssEncMode", "disable");
    properties.setProperty("targetServerType", "any");
    // Named statements do not live through a pooler that changes the server underneath.
    properties.setProperty("prepareThreshold", "0");
    properties.setProperty("socketFactory", WatchedSockets.class.getName());
    properties.setProperty("socketFactoryArg", watchId);
    options.urlParameters().forEach(properties::setProperty);
    return properties;
  }

  @Override
  public void close(Connection connection) {
    open.remove(connection);
    try {
      connection.close();
    } catch (SQLException e) {
      // Its attempt is over and recorded; all that is left is to say goodbye to a server that may
      // be gone.
      Logger.getLogger(Connector.class.getName()).log(Level.FINE, "closing", e);
    }
  }

  /** Breaks every open connection, so that nobody waits on one any longer. */
  void abortAll() {
    for (Connection connection : open) {
      try {
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        throw new IllegalStateException("abort needs no server", e);
      }
    }
  }
}
