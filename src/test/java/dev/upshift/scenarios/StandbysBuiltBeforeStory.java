package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.journal.Json;
import dev.upshift.postgres.PgServer;
import dev.upshift.run.Course;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.LabSnapshot;
import dev.upshift.testing.OursEverywhere;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The operator gives a host for a standby of the new version. Reads go there at the switch, the new
 * primary is never alone, and the old standbys stay as they are for the way back.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StandbysBuiltBeforeStory {
  private LabFixture fixture;
  private Topology topology;
  private FleetClient client;
  private Stage stage;
  private PgServer built;

  @BeforeAll
  void lab() throws Exception {
    fixture = LabFixture.up(LabFixture.serversOnly());
    topology = TopologyFile.read(withPlace(SmallFleet.describe(fixture.lab())));
    client = new FleetClient(topology);
    client.makeTable();
    client.write(1);
    stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
    built = stage.server(topology.server("db5"), topology.newCluster());
    built.host().makeFolder(built.sockets());
  }

  private static Path withPlace(Path file) throws IOException {
    var text = Files.readString(file);
    int candidate = text.indexOf("- {name: db4");
    var line = text.substring(candidate, text.indexOf('\n', candidate));
    var address = line.replaceFirst(".*address: ([0-9.]+)\\.[0-9]+,.*", "$1.99");
    var place = "- {name: db5, address: " + address + ", role: new-standby}";
    return Files.writeString(file, text.replace(line, line + "\n  " + place));
  }

  @AfterAll
  void down() {
    fixture.close();
  }

  private Outcome run(Upgrade.Ask ask, Consumer<Entry> reader) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, Method.LOGICAL, open, reader).run(ask);
    assertThat(end).isInstanceOf(RunEnd.Walked.class);
    return ((RunEnd.Walked) end).outcome();
  }

  @Test
  @Order(1)
  void shouldLeaveNothingOfItWhenThePreparationIsTakenBack() {
    var before = LabSnapshot.of(topology);
    assertThat(run(Upgrade.Ask.PREPARE, _ -> {})).isEqualTo(new Outcome.Completed());
    assertThat(stage.cluster(Course.LOGICAL).built().getFirst().standby().streams()).isTrue();
    assertThat(run(Upgrade.Ask.UNDO, _ -> {})).isInstanceOf(Outcome.Undone.class);
    assertThat(built.exists()).isFalse();
    assertThat(built.host().exists(built.workFolder())).isFalse();
    assertThat(before.differencesTo(LabSnapshot.of(topology))).isEmpty();
  }

  @Test
  @Order(2)
  void shouldLeadReadsToItAtTheSwitch() throws SQLException {
    var seen = new ArrayList<String>();
    var outcome =
        run(
            Upgrade.Ask.UPGRADE,
            entry -> {
              if (entry instanceof Entry.Done done && done.step().equals("release-traffic")) {
                seen.add(client.address("db2.internal"));
                seen.add(client.address("db3.internal"));
              }
            });
    assertThat(outcome).isEqualTo(new Outcome.Completed());
    assertThat(seen).containsExactly(built.address(), built.address());
    client.write(2);
    for (var name : List.of("db1.internal", "db2.internal", "db3.internal")) {
      assertThat(client.sees(name, 1)).as(name).isTrue();
    }
    assertThat(built.ask("SHOW default_transaction_read_only")).hasValue("off");
  }

  @Test
  @Order(3)
  void shouldKeepTheOldStandbyThatItTookOverFromForTheWayBack() throws SQLException {
    assertThat(run(Upgrade.Ask.SWITCH_BACK, _ -> {})).isEqualTo(new Outcome.Completed());
    client.write(3);
    var kept = stage.server(topology.server("db3"), topology.oldCluster());
    assertThat(client.address("db3.internal")).isEqualTo(kept.address());
    assertThat(kept.isInRecovery()).isTrue();
    assertThat(run(Upgrade.Ask.UPGRADE, _ -> {})).isEqualTo(new Outcome.Completed());
    assertThat(client.address("db3.internal")).isEqualTo(built.address());
  }

  @Test
  @Order(4)
  void shouldNameTheMachinesThatMayGo() throws SQLException {
    var left = new ArrayList<String>();
    var outcome =
        run(
            Upgrade.Ask.FINISH,
            entry -> {
              if (entry instanceof Entry.Done done && done.step().equals("remove-leftovers")) {
                left.add(Json.line(done.result().path("idle")));
              }
            });
    assertThat(outcome).isEqualTo(new Outcome.Completed());
    assertThat(left.getFirst()).contains("db1 (", "db3 (").doesNotContain("db2 (", "db5 (");
    assertThat(OursEverywhere.on(List.of(stage.newPrimary()))).isEmpty();
    client.write(4);
    for (var name : List.of("db2.internal", "db3.internal")) {
      assertThat(client.sees(name, 3)).as(name).isTrue();
    }
  }
}
