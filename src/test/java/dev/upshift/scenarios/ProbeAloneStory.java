package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.engine.Gate;
import dev.upshift.failure.InputError;
import dev.upshift.probe.ledger.ProbeTables;
import dev.upshift.run.Method;
import dev.upshift.run.ProbeAlone;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code upshift probe}: what it makes goes again, and what others made stays. */
@Tag("real")
@ExtendWith(Stopwatch.class)
class ProbeAloneStory {
  private static final Duration SHORT = Duration.ofSeconds(2);

  private static void run(Topology topology, Upgrade.Ask ask) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, Method.PHYSICAL, open, _ -> {}).run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
  }

  private static Topology without(Path file, String section) throws Exception {
    var text = Files.readString(file);
    var copy = file.resolveSibling("without-probe.yaml");
    Files.writeString(copy, text.substring(0, text.indexOf(section)));
    return TopologyFile.read(copy);
  }

  private static boolean areTablesThere(Topology topology) throws SQLException {
    try (var connection = new FleetClient(topology).connect("db1.internal");
        var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT to_regnamespace('upshift_probe') IS NOT NULL")) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** As a probe does that is killed. */
  private static void leaveTables(Topology topology) throws Exception {
    var probe = topology.probe().orElseThrow();
    try (var connection = new FleetClient(topology).connect("db1.internal")) {
      ProbeTables.create(connection, probe.user());
    }
    var folder = topology.stateDir().resolve(topology.cluster()).resolve("probes").resolve("0001");
    Files.writeString(folder.resolve("probe.tables"), "made\n");
  }

  @Test
  void shouldTakeAwayItsOwnTablesOnly() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly())) {
      var topology = TopologyFile.read(SmallFleet.describe(fixture.lab()));
      var alone = new ProbeAlone(topology);
      var measured = alone.measure(SHORT);
      assertThat(measured.ledger().orElseThrow().clean()).isTrue();
      assertThat(measured.ledger().orElseThrow().acknowledged()).isPositive();
      assertThat(areTablesThere(topology)).isFalse();

      leaveTables(topology);
      assertThat(areTablesThere(topology)).isTrue();
      alone.measure(SHORT);
      assertThat(areTablesThere(topology)).as("a killed probe's").isFalse();

      run(without(topology.file(), "# Reads and writes measured"), Upgrade.Ask.PREPARE);
      assertThatThrownBy(() -> alone.measure(SHORT))
          .isInstanceOf(InputError.class)
          .hasMessageContaining("the probe's tables cannot be made while an upgrade");
      assertThat(areTablesThere(topology)).isFalse();
      run(topology, Upgrade.Ask.UNDO);

      run(topology, Upgrade.Ask.PREPARE);
      assertThat(areTablesThere(topology)).isTrue();
      assertThat(alone.measure(SHORT).ledger().orElseThrow().clean()).isTrue();
      assertThat(areTablesThere(topology)).isTrue();
      run(topology, Upgrade.Ask.UNDO);
      assertThat(areTablesThere(topology)).isFalse();
    }
  }
}
