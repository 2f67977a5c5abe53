package dev.upshift.testing;

import dev.upshift.topology.PgVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server of a test's own: initdb, a free port on an address of 127.0.0.0/8,
 * scram-sha-256 with a generated password, fsync on. {@link #close} ends it by its process id and
 * deletes it.
 */
public final class ThrowawayServer implements AutoCloseable {
  /** The superuser. */
  public static final String ADMIN = "postgres";

  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final SecureRandom RANDOM = new SecureRandom();

  /** The programs of version 15: the machine's own, or fetched as the lab fetches them. */
  public static final Path DEBIAN_15 = LabFixture.programs().postgres(PgVersion.of(15));

  private final Path bin;
  private final Path home;
  private final String address;
  private final int port;
  private final String password;
  private @Nullable Process postmaster;

  private ThrowawayServer(Path bin, Path home, String address, int port, String password) {
    this.bin = bin;
    this.home = home;
    this.address = address;
    this.port = port;
    this.password = password;
  }

  /** Makes and starts a server from the programs in {@code bin}, and waits until it answers. */
  public static ThrowawayServer start(Path bin) throws IOException {
    Path home = Files.createTempDirectory("upshift-test-pg");
    String address = "127.0.0." + (2 + RANDOM.nextInt(250));
    byte[] secret = new byte[12];
    RANDOM.nextBytes(secret);
    var server =
        new ThrowawayServer(
            bin, home, address, Throwaway.freePort(address), HexFormat.of().formatHex(secret));
    try {
      server.init();
      server.launch();
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  private void init() throws IOException {
    Path passwordFile = Files.writeString(home.resolve("password"), password + "\n");
    Files.setPosixFilePermissions(passwordFile, PosixFilePermissions.fromString("rw-------"));
    Files.createDirectory(home.resolve("sockets"));
    if (runsAsRoot()) {
      run(List.of("chown", "-R", systemUser(), home.toString()));
    }
    run(
        asSystemUser(
            bin.resolve("initdb").toString(),
            "--pgdata=" + data(),
            "--username=" + ADMIN,
            "--pwfile=" + passwordFile,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync"));
    Files.delete(passwordFile);
    Path passfile = passfile();
    Files.writeString(passfile, "");
    Files.setPosixFilePermissions(passfile, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(passfile, "*:" + port + ":*:*:" + password + "\n");
  }

  /** Starts it, and waits until it answers. */
  public void launch() throws IOException {
    postmaster =
        new ProcessBuilder(
                asSystemUser(
                    bin.resolve("postgres").toString(),
                    "-D",
                    data().toString(),
                    "-c",
                    "listen_addresses=" + address,
                    "-c",
                    "port=" + port,
                    "-c",
                    "unix_socket_directories=" + home.resolve("sockets")))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()))
            .start();
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!answers()) {
      if (System.nanoTime() > deadline || !postmaster.isAlive()) {
        throw new IOException("no server: " + Files.readString(home.resolve("log")));
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private boolean answers() {
    try (Connection _ = connect()) {
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  /** A connection as the superuser. */
  public Connection connect() throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", ADMIN);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "30");
    properties.setProperty("gssEncMode", "disable");
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d/postgres".formatted(address, port), properties);
  }

  /** Creates a role that may log in, with the superuser's password. */
  public void createRole(String name) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE \"%s\" LOGIN PASSWORD '%s'".formatted(name, password));
    }
  }

  /** The address it listens on. */
  public String address() {
    return address;
  }

  /** The port it listens on. */
  public int port() {
    return port;
  }

  /** A password file that fits every role of this server, mode 0600. */
  public Path passfile() {
    return home.resolve("passfile");
  }

  /** Stops every process of the server as SIGSTOP does: it answers nobody, and closes nothing. */
  public void freeze() throws IOException {
    signalAll("STOP");
  }

  /** Lets a frozen server go on. */
  public void thaw() throws IOException {
    signalAll("CONT");
  }

  private void signalAll(String signal) throws IOException {
    List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
    ProcessHandle handle = running().toHandle();
    command.add(Long.toString(handle.pid()));
    handle.descendants().forEach(child -> command.add(Long.toString(child.pid())));
    // A backend may end between the look and the signal; the others get theirs all the same.
    Throwaway.awaitEnd(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** Ends it at once, as a crash would (SIGQUIT: recovery at the next start). */
  public void stopImmediately() throws IOException {
    stop("QUIT");
  }

  private void stop(String signal) throws IOException {
    Process process = running();
    run(List.of("kill", "-" + signal, Long.toString(process.pid())));
    Throwaway.awaitEnd(process);
    postmaster = null;
  }

  private Process running() {
    Process process = postmaster;
    if (process == null) {
      throw new IllegalStateException("the server does not run");
    }
    return process;
  }

  private Path data() {
    return home.resolve("data");
  }

  /** Whom servers run as: PostgreSQL refuses to run as root. */
  static String osUser() throws IOException {
    return runsAsRoot() ? systemUser() : System.getProperty("user.name");
  }

  private static boolean runsAsRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static String systemUser() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/etc/passwd"))) {
      return lines.anyMatch(line -> line.startsWith("postgres:")) ? "postgres" : "nobody";
    }
  }

  /** PostgreSQL refuses to run as root. setpriv becomes the program, so the pid stays. */
  private static List<String> asSystemUser(String... command) throws IOException {
    List<String> full = new ArrayList<>();
    if (runsAsRoot()) {
      String user = systemUser();
      full.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + group(user)));
      full.addAll(List.of("--init-groups", "--"));
    }
    full.addAll(List.of(command));
    return full;
  }

  private static String group(String user) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/etc/passwd"))) {
      return lines
          .map(line -> line.split(":", -1))
          .filter(fields -> fields[0].equals(user))
          .map(fields -> fields[3])
          .findFirst()
          .orElseThrow();
    }
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (Throwaway.awaitEnd(process) != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
  }

  @Override
  public void close() throws IOException {
    if (postmaster != null) {
      thaw();
      stop("INT");
    }
    Throwaway.delete(home);
  }
}
