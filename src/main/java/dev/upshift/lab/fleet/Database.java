package dev.upshift.lab.fleet;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;

/**
 * A database as an application knows it: a name, never an address. The password comes from the
 * password file of the process.
 *
 * @param host the name, resolved anew by every {@link #open()}
 * @param patience how long an answer may take before the connection counts as broken
 */
record Database(
    String host, int port, String name, String user, String application, Duration patience) {

  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** Opens a connection; waits for at most some seconds. */
  Connection open() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("ApplicationName", application);
    properties.setProperty("connectTimeout", String.valueOf(CONNECT.toSeconds()));
    properties.setProperty("socketTimeout", String.valueOf(patience.toSeconds()));
    properties.setProperty("tcpKeepAlive", "true");
    // Two round trips less for each new connection; the lab runs on loopback addresses.
    properties.setProperty("sslmode", "disable");
    properties.setProperty("gssEncMode", "disable");
    // A pooler in transaction mode gives each transaction another session.
    properties.setProperty("prepareThreshold", "0");
    return DriverManager.getConnection(url(), properties);
  }

  private String url() {
    String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8);
    return "jdbc:postgresql://" + host + ":" + port + "/" + encoded;
  }
}
