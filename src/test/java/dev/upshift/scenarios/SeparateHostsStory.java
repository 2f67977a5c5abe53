package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.SshConnections;
import dev.upshift.host.SshReach;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.lab.Lab;
import dev.upshift.lab.SeparateHosts;
import dev.upshift.report.Report;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Upgrade;
import dev.upshift.run.WayBackStatus;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Hosts of their own, reached by OpenSSH, and one of them is always away: each has its own network,
 * and its own /etc/hosts. In one story their databases are as Debian installs them, run by systemd.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class SeparateHostsStory {
  private static final Path HOSTS = Path.of("/etc/hosts");

  private static Outcome run(
      Topology topology, Method method, Upgrade.Ask ask, Consumer<Entry> reader) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, method, open, reader).run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    var walked = (RunEnd.Walked) end;
    if (walked.outcome() instanceof Outcome.Completed && ask != Upgrade.Ask.FINISH) {
      shouldHaveKeptEveryWriteThatWeb1WasToldOf(walked.report());
    }
    return walked.outcome();
  }

  /** The probe looks names up in web1's own /etc/hosts; whoever knew the old ones only failed. */
  private static void shouldHaveKeptEveryWriteThatWeb1WasToldOf(Report report) {
    var ledger = report.ledger().orElseThrow();
    System.out.printf("story: %s%n", ledger);
    assertThat(ledger.clean()).as(ledger.toString()).isTrue();
    assertThat(ledger.acknowledged()).isPositive();
    var writes = report.measurement().orElseThrow().writes();
    assertThat(writes.unexplained()).as(writes.errorsByState().toString()).isZero();
  }

  private static Outcome run(Topology topology, Method method, Upgrade.Ask ask) {
    return run(topology, method, ask, _ -> {});
  }

  /** Does this when a step begins. */
  private static Consumer<Entry> at(String step, Runnable what) {
    return entry -> {
      if (entry instanceof Entry.Started started && started.step().equals(step)) {
        what.run();
      }
    };
  }

  private static String addressOn(SeparateHosts hosts, String server, String name) {
    try (var connections = new SshConnections()) {
      var reach = SshReach.of(server).withConfiguration(hosts.sshConfig());
      return connections
          .host(server, reach, Witness.NONE)
          .readText(HOSTS)
          .orElseThrow()
          .lines()
          .filter(line -> line.contains(name))
          .map(line -> line.strip().split("\\s+")[0])
          .findFirst()
          .orElseThrow();
    }
  }

  private static void write(SeparateHosts hosts, Topology topology, int n) throws SQLException {
    new FleetClient(topology).writeNextAt(addressOn(hosts, "web1", "db1.internal"), n);
  }

  @Test
  void shouldUpgradeAndGoBackWithAServerOfTheRestDownAllTheTime() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().withSystemd())) {
      var hosts = fixture.lab().hosts().orElseThrow();
      var topology = fixture.lab().topology();
      write(hosts, topology, 1);
      var down = topology.online().rest().getFirst();
      hosts.cutOff(down);
      assertThat(run(topology, Method.LOGICAL, Upgrade.Ask.UPGRADE))
          .isEqualTo(new Outcome.Completed());
      assertThat(addressOn(hosts, "web1", "db1.internal")).isEqualTo(hosts.address("db4"));
      write(hosts, topology, 2);
      assertThat(run(topology, Method.LOGICAL, Upgrade.Ask.SWITCH_BACK))
          .isEqualTo(new Outcome.Completed());
      write(hosts, topology, 3);

      lose("db1", "drop-forward-replication", fixture.lab(), Method.LOGICAL, Upgrade.Ask.UPGRADE);
      write(hosts, topology, 4);
      goOnWithoutAWayBack(fixture.lab(), Method.LOGICAL, 4);
      shouldHaveStandbys(hosts, topology, topology.newCluster(), "db2", "db2");
      finish(fixture.lab(), Method.LOGICAL, 5);
      shouldHaveStandbys(hosts, topology, topology.newCluster(), "db2", "db3");
    }
  }

  @Test
  void shouldGoOnWithoutAWayBackWhenTheOldPrimaryIsLostRightAfterTheFirstSwitch() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().onSeparateHosts())) {
      var hosts = fixture.lab().hosts().orElseThrow();
      write(hosts, fixture.lab().topology(), 1);
      lose("db1", "start-schedulers", fixture.lab(), Method.PHYSICAL, Upgrade.Ask.UPGRADE);
      write(hosts, fixture.lab().topology(), 2);
      goOnWithoutAWayBack(fixture.lab(), Method.PHYSICAL, 2);
      var topology = fixture.lab().topology();
      shouldHaveStandbys(hosts, topology, topology.newCluster(), "db2", "db2");
      finish(fixture.lab(), Method.PHYSICAL, 3);
      shouldHaveStandbys(hosts, topology, topology.newCluster(), "db2", "db3");
    }
  }

  @Test
  void shouldGoOnWithoutAWayForthWhenTheNewPrimaryIsLostRightAfterTheSwitchBack() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().onSeparateHosts())) {
      var hosts = fixture.lab().hosts().orElseThrow();
      var topology = fixture.lab().topology();
      write(hosts, topology, 1);
      assertThat(run(topology, Method.LOGICAL, Upgrade.Ask.UPGRADE))
          .isEqualTo(new Outcome.Completed());
      write(hosts, topology, 2);
      lose(
          "db4",
          "drop-forward-replication",
          fixture.lab(),
          Method.LOGICAL,
          Upgrade.Ask.SWITCH_BACK);
      write(hosts, topology, 3);
      goOnWithoutAWayBack(fixture.lab(), Method.LOGICAL, 3);
      finish(fixture.lab(), Method.LOGICAL, 4);
      shouldHaveStandbys(hosts, topology, topology.oldCluster(), "db3", "db3");
    }
  }

  /** The host of the primary that was left is gone when a step of settle begins. */
  private static void lose(String primary, String step, Lab lab, Method method, Upgrade.Ask ask) {
    var hosts = lab.hosts().orElseThrow();
    var lost = run(lab.topology(), method, ask, at(step, () -> hosts.reset(primary)));
    System.out.printf("story: %s is lost right after the release: %s%n", primary, lost);
    assertThat(lost).isInstanceOf(Outcome.Blocked.class);
    assertThat(lost.toString()).contains(primary + " (", "cannot follow", "way-back: none");
  }

  /** As the hint says, to the end. */
  private static void goOnWithoutAWayBack(Lab lab, Method method, int rows) throws Exception {
    var file = lab.topologyFile();
    var said = Files.readString(file);
    assertThat(said).contains("way-back: open");
    Files.writeString(file, said.replace("way-back: open", "way-back: none"));
    var topology = TopologyFile.read(file);
    var hosts = lab.hosts().orElseThrow();
    assertThat(run(topology, method, Upgrade.Ask.RESUME)).isEqualTo(new Outcome.Completed());
    write(hosts, topology, rows + 1);
    var status = WayBackStatus.of(topology).orElseThrow();
    assertThat(status.state()).as(status.why()).isEqualTo("none");
  }

  private static void finish(Lab lab, Method method, int rows) throws Exception {
    assertThat(run(lab.topology(), method, Upgrade.Ask.FINISH)).isEqualTo(new Outcome.Completed());
    write(lab.hosts().orElseThrow(), lab.topology(), rows + 1);
  }

  /** The second and the third name lead to these, which are standbys of this version. */
  private static void shouldHaveStandbys(
      SeparateHosts hosts, Topology topology, Topology.Side side, String second, String third)
      throws SQLException {
    var standbys = Map.of("db2.internal", second, "db3.internal", third);
    for (var name : standbys.keySet()) {
      var address = addressOn(hosts, "web1", name);
      assertThat(address).as(name).isEqualTo(hosts.address(standbys.get(name)));
      try (var connection = new FleetClient(topology).connectTo(address, side.port())) {
        assertThat(connection.getMetaData().getDatabaseMajorVersion())
            .isEqualTo(side.version().major());
      }
    }
  }

  @Test
  void shouldBearThatHostsAreCutOffBeforeAndPastTheBorder() throws SQLException {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().onSeparateHosts())) {
      var hosts = fixture.lab().hosts().orElseThrow();
      var topology = fixture.lab().topology();
      var minimal = topology.online().minimal().getFirst();
      write(hosts, topology, 1);

      var undone =
          run(
              topology,
              Method.PHYSICAL,
              Upgrade.Ask.UPGRADE,
              at("hold-traffic", () -> hosts.reset(minimal)));
      System.out.printf("story: %s reset before the border: %s%n", minimal, undone);
      assertThat(undone).isInstanceOf(Outcome.Undone.class);
      hosts.join(minimal);
      run(topology, Method.PHYSICAL, Upgrade.Ask.UNDO);
      assertThat(addressOn(hosts, minimal, "db1.internal")).isEqualTo(hosts.address("db1"));

      var silent = topology.online().rest().getFirst();
      var done =
          run(
              topology,
              Method.PHYSICAL,
              Upgrade.Ask.UPGRADE,
              at("release-traffic", () -> hosts.cutOff(silent)));
      assertThat(done).isEqualTo(new Outcome.Completed());
      write(hosts, topology, 2);
      assertThat(run(topology, Method.PHYSICAL, Upgrade.Ask.SWITCH_BACK))
          .isEqualTo(new Outcome.Completed());
      write(hosts, topology, 3);
      hosts.join(silent);
      assertThat(addressOn(hosts, silent, "db1.internal")).isEqualTo(hosts.address("db1"));
    }
  }
}
