package dev.upshift.testing;

import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.OwnRole;
import dev.upshift.postgres.Passfile;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.Sessions;
import dev.upshift.postgres.Settings;
import dev.upshift.postgres.Standby;
import dev.upshift.postgres.Subscriber;
import dev.upshift.probe.ledger.ProbeTables;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.Topology.Admin;
import dev.upshift.topology.Topology.Role;
import dev.upshift.topology.Topology.Server;
import dev.upshift.topology.Topology.Side;
import dev.upshift.upgrade.steps.CreateOwnRoleAndSchema;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A primary with the probe's tables and what is ours, and the place of a candidate, both of one
 * version: enough for single steps of either method, and there in two seconds. The databases' rows
 * are the ledger's; nothing else writes, no vacuum and no checkpoint of its own either.
 */
public final class ServerPair implements AutoCloseable {
  /** Which database the ledger is in where there is only one. */
  public static final String DATABASE = "postgres";

  private static final String ADMIN = "postgres";
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Where both connect from. */
  public static final List<String> LOOPBACK = List.of("127.0.0.1/32");

  private final Path home;
  private final String password;
  private final PgServer primary;
  private final Function<UnaryOperator<Host>, PgServer> primaryBehind;
  private final Standby candidate;
  private final OwnRole role;

  private ServerPair(
      Path home,
      String password,
      PgServer primary,
      Function<UnaryOperator<Host>, PgServer> primaryBehind,
      Standby candidate,
      OwnRole role) {
    this.home = home;
    this.password = password;
    this.primary = primary;
    this.primaryBehind = primaryBehind;
    this.candidate = candidate;
    this.role = role;
  }

  /** The primary runs, the candidate is not made yet. */
  public static ServerPair start() throws IOException, SQLException {
    return start(UnaryOperator.identity());
  }

  /** The same where something stands between the tool and the candidate's machine. */
  public static ServerPair start(UnaryOperator<Host> between) throws IOException, SQLException {
    return start(PgVersion.of(15), between);
  }

  /** The same of this version. */
  public static ServerPair start(PgVersion version, UnaryOperator<Host> between)
      throws IOException, SQLException {
    return start(version, LabFixture.programs().postgres(version), between);
  }

  /** The same with these programs. */
  public static ServerPair start(PgVersion version, Path bin, UnaryOperator<Host> between)
      throws IOException, SQLException {
    var home = Files.createTempDirectory(Path.of("/tmp"), "up");
    // As root the servers run as another user, who must pass.
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    var osUser = ThrowawayServer.osUser();
    var secret = new byte[12];
    RANDOM.nextBytes(secret);
    var password = HexFormat.of().formatHex(secret);
    var passfile = home.resolve("passfile");
    new LocalHost("test", Witness.NONE)
        .replaceSecret(passfile, "*:*:*:" + ADMIN + ":" + password + "\n");
    var servers = servers();
    var side =
        new Side(version, bin, home + "/{server}/data", freePort(servers), home + "/{server}/s");
    var admin = new Admin(ADMIN, passfile, osUser, DATABASE);
    var sessions = Sessions.live(passfile, Witness.NONE);
    var role = new OwnRole(home.resolve("secret"));
    Function<UnaryOperator<Host>, PgServer> primaryBehind =
        what ->
            new PgServer(
                servers.getFirst(),
                side,
                admin,
                what.apply(new LocalHost("old", Witness.NONE).as(osUser)),
                sessions);
    var primary = server(servers.getFirst(), side, admin, sessions, home, UnaryOperator.identity());
    var copy = server(servers.getLast(), side, admin, sessions, home, between);
    var pair =
        new ServerPair(
            home,
            password,
            primary,
            primaryBehind,
            new Standby(copy, primary, "upshift_copy", role),
            role);
    try {
      pair.init();
    } catch (SQLException | RuntimeException e) {
      pair.close();
      throw e;
    }
    return pair;
  }

  private static List<Server> servers() {
    int first = 2 + RANDOM.nextInt(120);
    return List.of(
        new Server("old", "127.0.0." + first, Role.PRIMARY),
        new Server("copy", "127.0.0." + (first + 125), Role.CANDIDATE));
  }

  private static int freePort(List<Server> servers) throws IOException {
    try (var one = new ServerSocket(0, 1, InetAddress.getByName(servers.getFirst().address()));
        var _ =
            new ServerSocket(
                one.getLocalPort(), 1, InetAddress.getByName(servers.getLast().address()))) {
      return one.getLocalPort();
    }
  }

  private static PgServer server(
      Server server,
      Side side,
      Admin admin,
      Sessions sessions,
      Path home,
      UnaryOperator<Host> between)
      throws IOException {
    var host = new LocalHost(server.name(), Witness.NONE);
    var folder = Files.createDirectory(home.resolve(server.name()));
    host.run(Command.of("chown", admin.osUser(), folder));
    return new PgServer(server, side, admin, between.apply(host.as(admin.osUser())), sessions);
  }

  private void init() throws SQLException {
    var host = primary.host();
    var pwfile = primary.workFolder().resolve("initdb-password");
    host.makeFolder(primary.sockets());
    host.makeFolder(candidate.server().sockets());
    host.makeFolder(primary.workFolder());
    host.replaceSecret(pwfile, password);
    host.run(
        Command.of(primary.program("initdb"), "--pgdata", primary.data(), "--username", ADMIN)
            .with("--pwfile", pwfile, "--auth", "scram-sha-256", "--encoding", "UTF8")
            .with("--locale", "C.UTF-8", "--no-sync", "--wal-segsize", "1"));
    append(primary, settings());
    primary.start(Deadline.in(LIMIT));
    new CreateOwnRoleAndSchema(primary, role, LOOPBACK)
        .apply(new CreateOwnRoleAndSchema.Before(false, List.of(), false));
    try (var connection = connect(primary, DATABASE)) {
      ProbeTables.create(connection, ADMIN);
    }
  }

  private Map<String, String> settings() {
    var settings = new TreeMap<String, String>();
    settings.put("listen_addresses", primary.address());
    settings.put("port", Integer.toString(primary.port()));
    settings.put("unix_socket_directories", primary.sockets().toString());
    settings.put("wal_level", "logical");
    settings.put("shared_buffers", "16MB");
    settings.put("max_wal_size", "1GB");
    settings.put("checkpoint_timeout", "1h");
    settings.put("autovacuum", "off");
    // Before 16 one apply worker is started in such a time, not each of them.
    settings.put("wal_retrieve_retry_interval", "100ms");
    return settings;
  }

  /** Sets parameters as ALTER SYSTEM would, for a server that does not run. */
  public static void append(PgServer server, Map<String, String> settings) {
    var file = server.data().resolve("postgresql.auto.conf");
    var text = new StringBuilder(server.host().readText(file).orElse(""));
    settings.forEach((name, value) -> text.append(Settings.line(name, value)));
    server.host().replaceText(file, text.toString());
  }

  /** The old primary. */
  public PgServer primary() {
    return primary;
  }

  /** The same where something stands between the tool and its machine. */
  public PgServer primary(UnaryOperator<Host> between) {
    return primaryBehind.apply(between);
  }

  /** The candidate. */
  public Standby candidate() {
    return candidate;
  }

  /** The tool's own role. */
  public OwnRole role() {
    return role;
  }

  /** The old primary as the one that is followed. */
  public Publisher publisher() {
    return new Publisher(primary);
  }

  /** The candidate as the one that follows. */
  public Subscriber follower() {
    return new Subscriber(candidate.server(), publisher(), role);
  }

  /**
   * Lets the promoted copy out of its isolation, with these settings, as the new cluster that
   * pg_upgrade would make of it.
   */
  public void open(Map<String, String> more) {
    var copy = candidate.server();
    var settings = new TreeMap<>(more);
    settings.put("listen_addresses", copy.address());
    settings.put("max_logical_replication_workers", "4");
    copy.stop(PgServer.Stop.FAST, Deadline.in(LIMIT));
    append(copy, settings);
    // The new cluster has the old one's rules, not those of the copy in its isolation.
    Clients.ofStale(copy).admit(Deadline.in(LIMIT));
    copy.start(Deadline.in(LIMIT));
    role.writePassfile(copy);
  }

  /** A connection as applications have one, by TCP. */
  public Connection connect(PgServer server, String database) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", ADMIN);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "30");
    properties.setProperty("gssEncMode", "disable");
    return DriverManager.getConnection(
        "jdbc:postgresql://" + server.address() + ":" + server.port() + "/" + database, properties);
  }

  /** A file of the test's own. */
  public Path file(String name) {
    return home.resolve(name);
  }

  /** The passwords that the tool works with. */
  public Passfile passfile() {
    return Passfile.read(home.resolve("passfile"));
  }

  @Override
  public void close() {
    for (var server : List.of(candidate.server(), primary)) {
      if (server.exists()) {
        server.stop(PgServer.Stop.IMMEDIATE, Deadline.in(LIMIT));
      }
    }
    new LocalHost("test", Witness.NONE).remove(home);
  }
}
