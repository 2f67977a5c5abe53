package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.SshConnections;
import dev.upshift.host.SshReach;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.lab.SeparateHosts;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sessions;
import dev.upshift.run.Method;
import dev.upshift.run.Planning;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * PostgreSQL as Debian installs it, on hosts that run systemd, whose units start a server again
 * when it ends ({@code Restart=always}); and somebody who starts the old primary by hand while the
 * new one is made.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class SystemdStory {
  /** Debian's unit is activating for seconds after its server serves. */
  private static final List<String> UP = List.of("active", "activating");

  private static RunEnd run(Topology topology, Upgrade.Ask ask, Consumer<Entry> reader) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    return new Upgrade(topology, Method.PHYSICAL, open, reader).run(ask);
  }

  private static Outcome walk(Topology topology, Upgrade.Ask ask, Consumer<Entry> reader) {
    var end = run(topology, ask, reader);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    return ((RunEnd.Walked) end).outcome();
  }

  private static Consumer<Entry> at(String step, Runnable what) {
    return entry -> {
      if (entry instanceof Entry.Started started && started.step().equals(step)) {
        what.run();
      }
    };
  }

  private static Host host(SshConnections connections, SeparateHosts hosts, String name) {
    var reach = SshReach.of(name).withConfiguration(hosts.sshConfig());
    return connections.host(name, reach, Witness.NONE);
  }

  private static String unit(Topology.Side side) {
    return "postgresql@" + side.version() + "-main.service";
  }

  private static String property(Host host, String unit, String name) {
    return host.ask(Command.of("systemctl", "show", "--property=" + name, "--value", unit))
        .orFail()
        .out()
        .strip();
  }

  private static String answer(Topology topology, String address, String sql) throws SQLException {
    try (var connection =
            new FleetClient(topology).connectTo(address, topology.oldCluster().port());
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void shouldUpgradeServersThatSystemdRuns() throws SQLException, IOException {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().withSystemd());
        var connections = new SshConnections()) {
      var hosts = fixture.lab().hosts().orElseThrow();
      var topology = fixture.lab().topology();
      var db1 = host(connections, hosts, "db1");
      var db4 = host(connections, hosts, "db4");
      var old = unit(topology.oldCluster());
      var fresh = unit(topology.newCluster());

      shouldRefuseToGoBehindSystemdsBack(topology);
      shouldShowWhatItWouldDo(topology, fresh);
      shouldStartAndStopByPgCtlCluster(topology, host(connections, hosts, "db3"));
      shouldStartTheOldPrimaryByItsUnitAgain(topology, hosts, db1, old);

      var started = new StringBuilder();
      var done =
          walk(
              topology,
              Upgrade.Ask.UPGRADE,
              at(
                  "run-pg-upgrade",
                  () -> {
                    var byHand = db1.attempt(Command.of("systemctl", "start", old));
                    started.append(byHand.exit()).append(property(db1, old, "ActiveState"));
                  }));
      assertThat(done).isEqualTo(new Outcome.Completed());
      assertThat(started.toString()).as("systemctl start, by hand").isEqualTo("1inactive");
      assertThat(answer(topology, hosts.address("db4"), "SHOW server_version_num"))
          .startsWith(topology.newCluster().version().toString());
      assertThat(answer(topology, hosts.address("db4"), "SHOW config_file"))
          .startsWith("/etc/postgresql/" + topology.newCluster().version());
      assertThat(property(db4, fresh, "ActiveState")).isIn(UP);
      assertThat(property(db4, fresh, "UnitFileState")).startsWith("enabled");
      assertThat(property(db4, old, "ActiveState")).isEqualTo("inactive");

      assertThat(walk(topology, Upgrade.Ask.SWITCH_BACK, _ -> {}))
          .isEqualTo(new Outcome.Completed());
      assertThat(answer(topology, hosts.address("db1"), "SHOW server_version_num"))
          .startsWith(topology.oldCluster().version().toString());
      assertThat(property(db1, old, "ActiveState")).isIn(UP);
      assertThat(db1.list(Path.of("/run/systemd/system"))).isEmpty();
    }
  }

  /** Its topology does not know of the units: what it would stop, they would start again. */
  private static void shouldRefuseToGoBehindSystemdsBack(Topology topology) throws IOException {
    var text = Files.readString(topology.file());
    var without = topology.file().resolveSibling("without-service.yaml");
    Files.writeString(without, text.replaceAll("(?m)^  service: .*\\R", ""));
    var end = run(TopologyFile.read(without), Upgrade.Ask.UPGRADE, _ -> {});
    assertThat(end.toString())
        .contains("db1", "is run by systemd's unit " + unit(topology.oldCluster()));
    Files.delete(without);
  }

  private static void shouldShowWhatItWouldDo(Topology topology, String fresh) {
    for (var method : Method.values()) {
      var shape = new Planning(topology).of(Upgrade.Ask.UPGRADE, method);
      assertThat(shape.blocked()).as("%s", method).isEmpty();
      assertThat(shape.lines().stream().flatMap(line -> line.effects().stream()))
          .extracting(Planning.Shown::what)
          .contains("systemctl start --no-block " + fresh.replace(".service", ""));
    }
  }

  /** What lies there after a crash says that a server is ready; and one is stopped at once. */
  private static void shouldStartBesideALeftFileAndStopCleanly(PgServer server) {
    var pidFile = server.data().resolve("postmaster.pid");
    var left = server.host().readText(pidFile).orElseThrow();
    server.stop(PgServer.Stop.FAST, Deadline.in(Duration.ofSeconds(30)));
    for (int i = 0; i < 2; i++) {
      server.host().replaceText(pidFile, left);
      server.start(Deadline.in(Duration.ofSeconds(30)));
      assertThat(server.isRunning()).isTrue();
      assertThat(server.isInRecovery()).isTrue();
      server.stop(PgServer.Stop.FAST, Deadline.in(Duration.ofSeconds(30)));
      assertThat(server.isRunning()).isFalse();
      assertThat(server.control().state()).isEqualTo("shut down in recovery");
    }
    server.start(Deadline.in(Duration.ofSeconds(30)));
  }

  private static PgServer server(Topology topology, Topology.Side side, Host host) {
    return new PgServer(
        topology.server(host.name()),
        side,
        topology.admin(),
        host.as(topology.admin().osUser()),
        Sessions.live(topology.admin().passfile(), Witness.NONE));
  }

  /** The same server without its unit, as in a container; then by its unit again. */
  private static void shouldStartAndStopByPgCtlCluster(Topology topology, Host db3) {
    var unit = unit(topology.oldCluster());
    var side = topology.oldCluster();
    shouldStartBesideALeftFileAndStopCleanly(server(topology, side, db3));
    db3.run(Command.of("systemctl", "stop", unit));
    var byCluster =
        server(
            topology,
            new Topology.Side(
                side.version(),
                side.bin(),
                side.data(),
                side.config(),
                side.port(),
                side.sockets(),
                new Topology.Service.PgCtlCluster("main")),
            db3);
    assertThat(byCluster.isRunning()).isFalse();
    byCluster.start(Deadline.in(Duration.ofSeconds(30)));
    assertThat(byCluster.ask("SHOW config_file").orElse(""))
        .isEqualTo(side.config() + "/postgresql.conf");
    assertThat(byCluster.isInRecovery()).isTrue();
    byCluster.stop(PgServer.Stop.FAST, Deadline.in(Duration.ofSeconds(30)));
    assertThat(byCluster.isRunning()).isFalse();
    byCluster.stayDownWithMachine();
    var startConf = Path.of(side.config(), "start.conf");
    assertThat(db3.readText(startConf).orElse("")).isEqualTo("# as Debian has it\nmanual\n");
    db3.replaceText(startConf, "auto\n");
    db3.run(Command.of("systemctl", "start", unit));
  }

  /** The candidate's machine goes away when the old primary has been stopped for good. */
  private static void shouldStartTheOldPrimaryByItsUnitAgain(
      Topology topology, SeparateHosts hosts, Host db1, String old) throws SQLException {
    var undone =
        walk(topology, Upgrade.Ask.UPGRADE, at("promote-candidate", () -> hosts.reset("db4")));
    System.out.printf("story: the candidate's machine was reset: %s%n", undone);
    assertThat(undone).isInstanceOf(Outcome.Undone.class);
    assertThat(property(db1, old, "ActiveState")).isIn(UP);
    assertThat(db1.list(Path.of("/run/systemd/system"))).isEmpty();
    assertThat(answer(topology, hosts.address("db1"), "SELECT pg_is_in_recovery()")).isEqualTo("f");
    hosts.join("db4");
    assertThat(walk(topology, Upgrade.Ask.UNDO, _ -> {})).isInstanceOf(Outcome.Undone.class);
  }
}
