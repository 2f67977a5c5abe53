package dev.upshift.postgres;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;

/**
 * How a server's port is reached: from here, or, where it is closed to this machine, through a
 * socket here that ssh leads to it from its own machine.
 */
record ServerWay(String address, int port, Optional<Path> led) {

  /** From here. */
  static ServerWay direct(PgServer server) {
    return new ServerWay(server.address(), server.port(), Optional.empty());
  }

  /** From its own machine; empty where that is this one. */
  static Optional<ServerWay> throughItsMachine(PgServer server) {
    return server
        .host()
        .reach(server.address(), server.port())
        .map(led -> new ServerWay(server.address(), server.port(), Optional.of(led)));
  }

  /** A socket that is not connected yet. */
  Socket socket() throws IOException {
    return led.isPresent() ? new UnixSocket(led.get().toString()) : new Socket();
  }

  /** Connects it; from then on it waits that long for each answer. */
  void connect(Socket socket, Duration limit) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) limit.toMillis());
    socket.connect(new InetSocketAddress(address, port), (int) ServerWays.CONNECT_LIMIT.toMillis());
  }

  /** A session; the properties are told which way they go. */
  Connection open(Properties properties) throws SQLException {
    led.ifPresent(socket -> {
      properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
      properties.setProperty("socketFactoryArg", socket.toString());
    });
    var shown = address.contains(":") ? "[" + address + "]" : address;
    return DriverManager.getConnection("jdbc:postgresql://" + shown + ":" + port + "/", properties);
  }
}
