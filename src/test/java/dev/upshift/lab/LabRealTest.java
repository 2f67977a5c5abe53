package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.lab.LabStatus.ProcessStatus;
import dev.upshift.lab.LabStatus.Role;
import dev.upshift.postgres.Passfile;
import dev.upshift.testing.LabFixture;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real labs of real servers, on this machine's programs. */
@Tag("real")
class LabRealTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(50);
  @TempDir private Path folder;

  @Test
  void shouldServeReplicateAndArchiveUntilItIsTakenDown() throws Exception {
    Path dir;
    try (var fixture =
        LabFixture.up(
            LabFixture.tiny().withArchive().withVisitors(VisitorRates.usual().times(0.5)))) {
      var lab = fixture.lab();
      dir = lab.dir();
      assertThat(processesIn(dir)).hasSizeGreaterThan(12);

      assertStandbysStream(lab);
      assertThat(lab.status().processes()).hasSize(10).allMatch(ProcessStatus::running, "runs");
      assertSiteAnswers(lab);
      assertTopologyDescribesIt(lab);
      assertRolesNeedTheirPasswords(lab);
      assertApplicationsFoundTheServersByName(lab);
      assertArchives(lab);
      assertCounts(lab);

      lab.down();
      assertThatCode(() -> Lab.at(dir)).isInstanceOf(InputError.class);
    }
    assertThat(dir).doesNotExist();
    assertThat(processesIn(dir)).isEmpty();
  }

  private static void assertStandbysStream(Lab lab) {
    var servers = lab.status().servers();
    assertThat(servers)
        .extracting(LabStatus.ServerStatus::name)
        .containsExactly("db1", "db2", "db3");
    assertThat(servers).allMatch(LabStatus.ServerStatus::running, "runs");
    assertThat(servers.getFirst().role()).contains(Role.PRIMARY);
    assertThat(servers.subList(1, 3))
        .allSatisfy(standby -> {
          assertThat(standby.role()).contains(Role.STANDBY);
          var following = standby.following().orElseThrow();
          assertThat(following.state()).isEqualTo("streaming");
          assertThat(following.primary()).isEqualTo(servers.getFirst().address());
          assertThat(following.slot()).contains(standby.name());
        });
  }

  private static void assertSiteAnswers(Lab lab) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var page = client.send(get(lab.site()), BodyHandlers.ofString());
      assertThat(page.statusCode()).isEqualTo(200);
      var feed = client.send(get(lab.api().resolve("api/feed/1")), BodyHandlers.ofString());
      assertThat(feed.body()).contains("\"episodes\"");
    }
  }

  private static HttpRequest get(URI uri) {
    return HttpRequest.newBuilder(uri).timeout(SOON).build();
  }

  private static void assertTopologyDescribesIt(Lab lab) {
    var topology = lab.topology();
    assertThat(topology.primary().name()).isEqualTo("db1");
    assertThat(topology.candidate().name()).isEqualTo("db4");
    assertThat(topology.oldCluster().data(topology.primary()).resolve("PG_VERSION")).exists();
    assertThat(topology.oldCluster().data(topology.candidate())).doesNotExist();
    assertThat(topology.newCluster().version()).isGreaterThan(topology.oldCluster().version());
    assertThat(topology.probe()).isPresent();
    topology
        .offline()
        .servers()
        .forEach(server -> assertThat(workerStatus(topology, server)).isZero());
  }

  private static int workerStatus(Topology topology, String server) {
    var words =
        topology.offline().status().stream().map(word -> Topology.expand(word, server)).toList();
    return new LocalHost(server, Witness.NONE).ask(Command.of(words)).exit();
  }

  private static void assertRolesNeedTheirPasswords(Lab lab) throws Exception {
    var passfile = Passfile.read(lab.passfile());
    int port = lab.topology().oldCluster().port();
    for (var role : List.of("postgres", "app", "app_ro", "upshift_probe")) {
      var password = passfile.password("db1", port, "podcasts", role).orElseThrow();
      assertThat(login(lab, role, password)).isEqualTo("00000");
      assertThat(login(lab, role, password + "x")).isEqualTo("28P01");
    }
    assertThat(Files.getPosixFilePermissions(lab.passfile())).hasSize(2);
  }

  private static String login(Lab lab, String role, String password) {
    var properties = new Properties();
    properties.setProperty("user", role);
    properties.setProperty("password", password);
    var url =
        "jdbc:postgresql://%s:%d/podcasts"
            .formatted(lab.topology().primary().address(), lab.topology().oldCluster().port());
    try (var connection = DriverManager.getConnection(url, properties)) {
      return connection.isValid(5) ? "00000" : "invalid";
    } catch (SQLException e) {
      return String.valueOf(e.getSQLState());
    }
  }

  private static void assertApplicationsFoundTheServersByName(Lab lab) {
    assertThat(clientsOf(lab, "db2")).contains("web1", "web2", "web3", "api1", "api2");
    assertThat(clientsOf(lab, "db1")).contains("web1", "work1", "work2", "login1");
  }

  private static List<String> clientsOf(Lab lab, String name) {
    var plan = LabPlan.read(new LabFolder(lab.dir()));
    try (var session = plan.server(name, plan.oldSide()).connect()) {
      return session.query(
          "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = 'podcasts'",
          row -> row.getString(1));
    }
  }

  private static void assertArchives(Lab lab) {
    var plan = LabPlan.read(new LabFolder(lab.dir()));
    var primary = plan.server("db1", plan.oldSide());
    primary.execute("SELECT pg_switch_wal()");
    assertThat(
            Deadline.in(SOON)
                .until(PAUSE, () -> !primary.host().list(plan.folder().archive()).isEmpty()))
        .isTrue();
  }

  private static void assertCounts(Lab lab) {
    assertThat(
            Deadline.in(SOON)
                .until(
                    PAUSE,
                    () -> {
                      var totals = lab.fleetTotals();
                      return totals.workers().size() == 3
                          && totals.visitors().map(v -> v.writes().ok() > 0).orElse(false);
                    }))
        .isTrue();
    var visitors = lab.fleetTotals().visitors().orElseThrow();
    assertThat(visitors.reads().ok()).isPositive();
    assertThat(visitors.reads().failed() + visitors.writes().failed()).isZero();
    assertThat(lab.fleetTotals().workers().values())
        .allSatisfy(worker -> assertThat(worker.errorsByState()).isEmpty());
  }

  @Test
  void shouldRemoveKilledServersAndThoseOfTheNewVersionToo() throws Exception {
    List<String> memory;
    Path dir;
    try (var fixture = LabFixture.up(LabFixture.serversOnly())) {
      dir = fixture.lab().dir();
      startNewCluster(LabPlan.read(new LabFolder(dir)));
      assertThat(fixture.lab().status().servers()).hasSize(4);
      var postmaster = Files.readAllLines(dataIn(dir.resolve("db/db1")).resolve("postmaster.pid"));
      memory = sharedMemory(postmaster);
      assertThat(memory).hasSizeGreaterThan(1).allMatch(LabRealTest::isThere, "is there");
      kill(postmaster.getFirst());
    }
    assertThat(dir).doesNotExist();
    assertThat(processesIn(dir)).isEmpty();
    assertThat(memory).noneMatch(LabRealTest::isThere);
  }

  /** The System V key and id in line 7 of the postmaster's file, and its POSIX segments. */
  private static List<String> sharedMemory(List<String> postmaster) throws IOException {
    var maps = Files.readAllLines(Path.of("/proc", postmaster.getFirst(), "maps"));
    var posix =
        maps.stream()
            .filter(line -> line.contains("/dev/shm/"))
            .map(line -> line.substring(line.indexOf('/')));
    return Stream.concat(Stream.of(postmaster.get(6).strip()), posix).distinct().toList();
  }

  private static boolean isThere(String segment) {
    try {
      return segment.startsWith("/")
          ? Files.exists(Path.of(segment))
          : Files.readAllLines(Path.of("/proc/sysvipc/shm")).stream()
              .map(line -> line.strip().split("\\s+"))
              .anyMatch(words -> segment.matches(words[0] + "\\s+" + words[1]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void startNewCluster(LabPlan plan) {
    var server = plan.server("db4", plan.newSide());
    server.host().makeFolder(server.sockets());
    server
        .host()
        .run(
            Command.of(server.program("initdb"), "-D", server.data(), "-U", "postgres")
                .with("-N", "--auth", "reject", "--set", "listen_addresses=" + server.address())
                .with("--set", "unix_socket_directories=" + server.sockets()));
    server.start(Deadline.in(SOON));
  }

  private static Path dataIn(Path server) throws IOException {
    try (Stream<Path> found = Files.find(server, 2, (path, _) -> path.endsWith("data"))) {
      return found.findFirst().orElseThrow();
    }
  }

  private static void kill(String pid) {
    ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
  }

  @Test
  void shouldComplainAboutATakenPortAndLeaveNothing() throws Exception {
    var dir = folder.resolve("lab");
    try (var taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress("127.77.253.12", 0));
      var place = LabOptions.Place.of(253, taken.getLocalPort());
      var options = LabFixture.tiny().withDir(dir).withPlace(place);

      assertThatThrownBy(() -> Lab.up(options, Progress.silent()))
          .isInstanceOf(InputError.class)
          .hasMessage("127.77.253.12:" + taken.getLocalPort() + " is taken");
    }
    assertThat(dir).doesNotExist();
  }

  @Test
  void shouldRemoveWhatItBeganWhenAServerDoesNotStart() {
    var options = LabFixture.serversOnly().withSettings(Map.of("shared_buffers", "none"));
    var before = processesIn(Path.of("/tmp/ul"));

    assertThatThrownBy(() -> LabFixture.up(options))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("db1")
        .hasMessageContaining("shared_buffers");

    assertThat(processesIn(Path.of("/tmp/ul"))).isSubsetOf(before);
  }

  @Test
  void shouldNotTakeAFolderThatIsNotEmpty() throws Exception {
    var theirs = Files.writeString(folder.resolve("precious"), "text");

    assertThatThrownBy(() -> Lab.up(LabFixture.tiny().withDir(folder), Progress.silent()))
        .isInstanceOf(InputError.class)
        .hasMessageContaining("is not empty");
    assertThatThrownBy(() -> Lab.at(folder))
        .isInstanceOf(InputError.class)
        .hasMessageContaining("is not a lab");
    assertThat(theirs).hasContent("text");
  }

  /** Every process that has the folder in its command line or stands in it, by /proc alone. */
  private static List<String> processesIn(Path dir) {
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      return entries
          .filter(entry -> entry.getFileName().toString().matches("[0-9]+"))
          .filter(entry -> read(entry).contains(dir.toString()))
          .map(entry -> entry.getFileName() + ": " + read(entry))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path process) {
    try {
      var words = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
      return words.replace('\0', ' ') + Files.readSymbolicLink(process.resolve("cwd"));
    } catch (IOException e) {
      return "";
    }
  }
}
