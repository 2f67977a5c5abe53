package dev.upshift.lab.fleet;

import dev.upshift.testing.LabFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A throw-away server with the roles of the site and a password file. */
final class RealPostgres {
  private static final String PASSWORD = "only-for-this-test";
  private final Path folder;
  private final Path bin;
  final Path passfile;
  final int port;

  RealPostgres() throws Exception {
    bin = bin();
    folder = Files.createTempDirectory("fleet");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path owned = Files.createDirectory(folder.resolve("server"));
    if (isRoot()) {
      run(List.of("chown", user(), owned.toString()));
    }
    Path password = folder.resolve("password");
    Files.writeString(password, PASSWORD);
    port = freePort();
    asServer(
        bin.resolve("initdb").toString(),
        "-D",
        data(),
        "-U",
        "owner",
        "-A",
        "scram-sha-256",
        "--pwfile",
        password.toString(),
        "-E",
        "UTF8",
        "--locale",
        "C.UTF-8",
        "-N");
    asServer(
        bin.resolve("pg_ctl").toString(),
        "-D",
        data(),
        "-w",
        "-t",
        "30",
        "-l",
        owned + "/log",
        "-o",
        "-c listen_addresses=127.0.0.1 -p " + port + " -c unix_socket_directories=" + owned,
        "start");
    passfile = folder.resolve("pgpass");
    Files.writeString(passfile, "*:*:*:*:" + PASSWORD + "\n");
    Files.setPosixFilePermissions(passfile, PosixFilePermissions.fromString("rw-------"));
    execute(
        "postgres",
        "CREATE ROLE app LOGIN PASSWORD '" + PASSWORD + "'",
        "CREATE ROLE app_ro LOGIN PASSWORD '" + PASSWORD + "'",
        "CREATE DATABASE podcasts");
  }

  Connection connect(String database) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "owner");
    properties.setProperty("password", PASSWORD);
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port + "/" + database, properties);
  }

  void execute(String database, String... statements) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  long number(String sql) throws SQLException {
    try (Connection connection = connect("podcasts");
        Statement statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  public void close() throws Exception {
    asServer(bin.resolve("pg_ctl").toString(), "-D", data(), "-w", "-m", "immediate", "stop");
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private String data() {
    return folder.resolve("server/data").toString();
  }

  private static Path bin() {
    return LabFixture.programs().postgres(LabFixture.programs().newestPair().older());
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static String user() throws IOException {
    return Files.readString(Path.of("/etc/passwd")).contains("\npostgres:") ? "postgres" : "nobody";
  }

  private void asServer(String... command) throws Exception {
    List<String> whole = new ArrayList<>();
    if (isRoot()) {
      whole.addAll(List.of("setpriv", "--reuid=" + user(), "--clear-groups", "--"));
    }
    whole.addAll(List.of(command));
    run(whole);
  }

  static void run(List<String> command) throws Exception {
    Path output = Files.createTempFile("fleet", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(command + ": " + Files.readString(output));
      }
    } finally {
      Files.delete(output);
    }
  }
}
