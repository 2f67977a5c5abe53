package dev.upshift.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A PgBouncer of a test's own on an address of 127.0.0.0/8, with scram-sha-256 and transaction
 * pooling. {@link #close} ends it by its process id and deletes it.
 */
public final class ThrowawayPooler implements AutoCloseable {
  /** The administrator of its console. */
  public static final String ADMIN = "pgbouncer";

  /** Everybody's password. */
  public static final String PASSWORD = "only-for-this-test";

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Path home;
  private final String address;
  private final int port;
  private final Process process;

  private ThrowawayPooler(Path home, String address, int port, Process process) {
    this.home = home;
    this.address = address;
    this.port = port;
    this.process = process;
  }

  /** Starts one at a free place. */
  public static ThrowawayPooler start(
      Path program, Map<String, String> entries, Map<String, String> more) throws IOException {
    var address = "127.0.0." + (2 + ThreadLocalRandom.current().nextInt(250));
    return start(program, address, Throwaway.freePort(address), entries, more);
  }

  /** Starts one at this place; waits until it answers. */
  public static ThrowawayPooler start(
      Path program, String address, int port, Map<String, String> entries, Map<String, String> more)
      throws IOException {
    var home = Files.createTempDirectory(Path.of("/tmp"), "up");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
    var settings = new LinkedHashMap<String, String>();
    settings.put("listen_addr", address);
    settings.put("listen_port", Integer.toString(port));
    settings.put("unix_socket_dir", home.toString());
    settings.put("auth_type", "scram-sha-256");
    settings.put("auth_file", home.resolve("users.txt").toString());
    settings.put("admin_users", ADMIN);
    settings.put("pool_mode", "transaction");
    settings.put("logfile", home.resolve("log").toString());
    settings.putAll(more);
    var users = settings.remove("[users]");
    Files.writeString(
        home.resolve("users.txt"),
        Stream.of(ADMIN, "app", "batch")
            .map(user -> "\"%s\" \"%s\"\n".formatted(user, PASSWORD))
            .collect(Collectors.joining()));
    Files.writeString(
        home.resolve("pgbouncer.ini"),
        "[databases]\n"
            + lines(entries)
            + (users == null ? "" : "[users]\n" + users + "\n")
            + "[pgbouncer]\n"
            + lines(settings));
    var passfile = Files.writeString(home.resolve("passfile"), "*:*:*:*:" + PASSWORD + "\n");
    Files.setPosixFilePermissions(passfile, PosixFilePermissions.fromString("rw-------"));
    var process =
        new ProcessBuilder(asOther(program.toString(), home.resolve("pgbouncer.ini").toString()))
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("out").toFile())
            .start();
    var pooler = new ThrowawayPooler(home, address, port, process);
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!pooler.answers()) {
      if (System.nanoTime() > deadline || !process.isAlive()) {
        var said = Files.readString(home.resolve("out"));
        pooler.close();
        throw new IOException("no pooler: " + said);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return pooler;
  }

  private static String lines(Map<String, String> values) {
    return values.entrySet().stream()
        .map(one -> one.getKey() + " = " + one.getValue() + "\n")
        .collect(Collectors.joining());
  }

  /** PgBouncer refuses to run as root. setpriv becomes the program, so the pid stays. */
  private static List<String> asOther(String... command) {
    var full = new ArrayList<String>();
    if (System.getProperty("user.name").equals("root")) {
      full.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"));
    }
    full.addAll(List.of(command));
    return full;
  }

  /** The socket appears before the port listens. */
  private boolean answers() {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), 1000);
      return Files.exists(home.resolve(".s.PGSQL." + port));
    } catch (IOException e) {
      return false;
    }
  }

  /** A client's connection to one of its entries, as the role app. */
  public Connection connect(String entry) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", "app");
    properties.setProperty("password", PASSWORD);
    properties.setProperty("prepareThreshold", "0");
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "30");
    properties.setProperty("gssEncMode", "disable");
    properties.setProperty("sslmode", "disable");
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d/%s".formatted(address, port, entry), properties);
  }

  /** The address it listens on. */
  public String address() {
    return address;
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /** Its configuration. */
  public Path config() {
    return home.resolve("pgbouncer.ini");
  }

  /** With everybody's password. */
  public Path passfile() {
    return home.resolve("passfile");
  }

  /** What it has logged. */
  public String log() throws IOException {
    return Files.readString(home.resolve("log"));
  }

  /** Sends a signal, like STOP. */
  public void signal(String name) throws IOException {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    Throwaway.awaitEnd(kill);
  }

  /** Ends it at once, as a crash would. */
  public void kill() throws IOException {
    process.destroyForcibly();
    Throwaway.awaitEnd(process);
  }

  @Override
  public void close() throws IOException {
    kill();
    Throwaway.delete(home);
  }
}
