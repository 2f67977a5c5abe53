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
import dev.upshift.testing.LabFixture;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lab whose servers are hosts of their own. */
@Tag("real")
class LabOnSeparateHostsTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(100);

  @TempDir(factory = ShortTemporaryFolder.class)
  private Path parent;

  private Path dir;
  private HostTraces traces;
  private Optional<LabPlan> known = Optional.empty();

  @BeforeEach
  void lookAround() throws Exception {
    Files.setPosixFilePermissions(
        parent, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    dir = parent.resolve("lab");
    traces = HostTraces.before(dir);
  }

  @AfterEach
  void nothingIsLeft() {
    known.ifPresent(plan -> plan.machines().close());
    var left = traces.left();
    if (Lab.isAt(dir)) {
      Lab.at(dir).down();
    }
    assertThat(left).isEmpty();
  }

  private LabOptions options() {
    return LabFixture.serversOnly().onSeparateHosts().withDir(dir);
  }

  private Lab up() {
    return up(options());
  }

  private Lab up(LabOptions options) {
    var lab = Lab.up(options, Progress.silent());
    traces = traces.seeing(lab.hosts().orElseThrow());
    known = Optional.of(LabPlan.read(new LabFolder(lab.dir())));
    return lab;
  }

  @Test
  void shouldServeAndReplicateFromHostToHostUntilItIsTakenDown() {
    long begin = System.nanoTime();
    var lab = up();
    long up = millisSince(begin);
    var hosts = lab.hosts().orElseThrow();

    assertThat(hosts.names()).hasSize(12);
    assertStandbysStream(lab, hosts);
    assertThat(lab.status().processes()).hasSize(8).allMatch(ProcessStatus::running, "runs");
    assertTopologyDescribesIt(lab, hosts);
    assertApplicationServersKnowTheNames(lab, hosts);
    assertServersAreSeenFromTheirHostsOnly();

    begin = System.nanoTime();
    Lab.at(dir).down();
    System.out.printf(
        Locale.ROOT, "a lab of 12 hosts: up in %d ms, down in %d ms%n", up, millisSince(begin));
    assertThatCode(() -> Lab.at(dir)).isInstanceOf(InputError.class);
  }

  private static void assertStandbysStream(Lab lab, SeparateHosts hosts) {
    var servers = lab.status().servers();
    assertThat(servers)
        .extracting(LabStatus.ServerStatus::name)
        .containsExactly("db1", "db2", "db3");
    assertThat(servers)
        .allSatisfy(server -> {
          assertThat(server.running()).isTrue();
          assertThat(server.problem()).isEmpty();
          assertThat(server.address()).isEqualTo(hosts.address(server.name()));
        });
    assertThat(servers.getFirst().role()).contains(Role.PRIMARY);
    assertThat(servers.subList(1, 3))
        .allSatisfy(standby -> {
          var following = standby.following().orElseThrow();
          assertThat(following.state()).isEqualTo("streaming");
          assertThat(following.primary()).isEqualTo(hosts.address("db1"));
        });
  }

  private void assertTopologyDescribesIt(Lab lab, SeparateHosts hosts) {
    var topology = lab.topology();
    assertThat(topology.access()).isEqualTo(Topology.Access.SSH);
    assertThat(topology.ssh().config()).contains(hosts.sshConfig());
    assertThat(topology.primary().address()).isEqualTo(hosts.address("db1"));
    assertThat(topology.traffic().hostsFile().orElseThrow().on("web1")).hasToString("/etc/hosts");
    assertThat(topology.probe().orElseThrow().from()).isEqualTo("web1");
    var status = topology.offline().status();
    var work1 = plan().machines().host("work1");
    assertThat(work1.ask(Command.of(status)).exit()).isZero();
    work1.run(Command.of(topology.offline().stop()));
    assertThat(work1.ask(Command.of(status)).exit()).isEqualTo(3);
    assertThat(plan().machines().host("work2").ask(Command.of(status)).exit()).isZero();
  }

  private void assertApplicationServersKnowTheNames(Lab lab, SeparateHosts hosts) {
    var machines = plan().machines();
    for (var name : LabPlan.fleet()) {
      var said = machines.host(name).ask(Command.of("getent", "hosts", "db1.internal"));
      assertThat(said.out()).startsWith(hosts.address("db1") + " ");
    }
    var open = "exec 3<>/dev/tcp/db1.internal/" + lab.topology().oldCluster().port();
    assertThat(machines.host("web1").ask(Command.of("bash", "-c", open)).ok()).isTrue();
  }

  /** Who looks here instead of there finds nothing. */
  private void assertServersAreSeenFromTheirHostsOnly() {
    var there = plan().server("db1", plan().oldSide());
    assertThat(there.isRunning()).isTrue();
    var socket = there.sockets().resolve(".s.PGSQL." + there.port());
    assertThat(there.host().exists(socket)).isTrue();
    assertThat(socket).doesNotExist();
    var here = new LocalHost("here", Witness.NONE);
    var pid = here.readText(there.data().resolve("postmaster.pid")).orElseThrow();
    assertThat(here.worksIn(pid.lines().toList().getFirst(), there.data())).isFalse();
  }

  private LabPlan plan() {
    return known.orElseThrow();
  }

  @Test
  void shouldFollowAgainAfterAStandbyWasResetAndCutOff() {
    var lab = up();
    var hosts = lab.hosts().orElseThrow();
    var primary = plan().server("db1", plan().oldSide());

    hosts.reset("db2");
    assertThat(Deadline.in(SOON).until(PAUSE, () -> !streams("db2"))).isTrue();
    assertThat(streams("db3")).isTrue();
    hosts.cutOff("db2");
    primary.execute("SELECT pg_switch_wal()");
    assertThat(lab.status().servers())
        .satisfiesOnlyOnce(server -> {
          assertThat(server.name()).isEqualTo("db2");
          assertThat(server.problem().orElse("")).contains("no connection to 'db2'");
        });
    hosts.join("db2");
    assertThat(Deadline.in(SOON).until(PAUSE, () -> streams("db2"))).isTrue();
    lab.down();
  }

  @Test
  void shouldRunItsApplicationsOnTheirHostsUntilItIsTakenDown() {
    var lab =
        up(
            LabFixture.tiny()
                .onSeparateHosts()
                .withDir(dir)
                .withVisitors(VisitorRates.usual().times(0.5)));
    var hosts = lab.hosts().orElseThrow();
    assertThat(hosts.names()).hasSize(13).contains(LabPlan.BALANCER);
    assertThat(lab.status().processes()).hasSize(10).allMatch(ProcessStatus::running, "runs");
    assertThat(lab.site().getHost()).isEqualTo(hosts.address(LabPlan.BALANCER));
    assertRunsThereOnly(lab, hosts, "web1", "db2");
    assertRunsThereOnly(lab, hosts, "work1", "db1");
    assertVisitorsAreServed(lab);

    hosts.cutOff("web3");
    assertThat(lab.status().processes())
        .filteredOn(process -> !process.running())
        .extracting(ProcessStatus::name)
        .containsExactly("web3");
    lab.down();
  }

  /** By the commands of the topology, and by what a database sees of it. */
  private void assertRunsThereOnly(Lab lab, SeparateHosts hosts, String name, String database) {
    var words =
        lab.topology().offline().status().stream()
            .map(word -> Topology.expand(word, name))
            .toList();
    assertThat(plan().machines().host(name).ask(Command.of(words)).exit()).isZero();
    assertThat(new LocalHost("here", Witness.NONE).ask(Command.of(words)).exit()).isEqualTo(3);
    var server = plan().server(database, plan().oldSide());
    assertThat(
            server.ask(
                "SELECT DISTINCT host(client_addr) FROM pg_stat_activity"
                    + " WHERE application_name = ?",
                name))
        .contains(hosts.address(name));
  }

  private static void assertVisitorsAreServed(Lab lab) {
    assertThat(
            Deadline.in(SOON)
                .until(
                    PAUSE,
                    () ->
                        lab.fleetTotals()
                            .visitors()
                            .map(totals -> totals.writes().ok() > 0 && totals.reads().ok() > 0)
                            .orElse(false)))
        .isTrue();
    var visitors = lab.fleetTotals().visitors().orElseThrow();
    assertThat(visitors.reads().failed() + visitors.writes().failed()).isZero();
  }

  private boolean streams(String standby) {
    var primary = plan().server("db1", plan().oldSide());
    return primary
        .ask(
            "SELECT count(*)::text FROM pg_stat_replication WHERE state = 'streaming'"
                + " AND application_name = ?",
            standby)
        .orElse("")
        .equals("1");
  }

  @Test
  void shouldLeaveNothingWhenAServerDoesNotStart() {
    var options = options().withSettings(Map.of("shared_buffers", "none"));
    assertThatThrownBy(() -> Lab.up(options, Progress.silent()))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("shared_buffers");
    assertThat(dir).doesNotExist();
  }

  @Test
  void shouldSayWhatDoesNotGoTogether() {
    var placed = options().withPlace(LabOptions.Place.of(3, 5432));
    assertThatThrownBy(() -> Lab.up(placed, Progress.silent()))
        .isInstanceOf(InputError.class)
        .hasMessageContaining("chooses its addresses itself");
  }

  private static long millisSince(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin).toMillis();
  }
}
