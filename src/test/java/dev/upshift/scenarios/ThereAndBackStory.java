package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Witness;
import dev.upshift.lab.Lab;
import dev.upshift.postgres.PgServer;
import dev.upshift.report.Report;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.RunFolder;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.run.WayBackStatus;
import dev.upshift.testing.Bank;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.OursEverywhere;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.Texts;
import dev.upshift.time.Clock;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An upgrade behind poolers, back, there again, and finished, while clients write all the time: no
 * statement fails, nothing is lost or doubled, no number is given out twice, and in the end nothing
 * of ours is left.
 */
@ExtendWith(Stopwatch.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ThereAndBackStory {
  private static final Duration A_WHILE = Duration.ofSeconds(3);
  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  @Test
  @Tag("real")
  void shouldGoThereAndBackAndThereAgainAndLeaveNothing() {
    thereAndBack(LabFixture.tiny().withPgBouncer(), Method.LOGICAL, A_WHILE);
  }

  @ParameterizedTest(name = "{0}: {1} to {2}")
  @Tag("full")
  @CsvSource({"LOGICAL, 13, 18", "LOGICAL, 15, 17", "PHYSICAL, 13, 18", "PHYSICAL, 15, 17"})
  void shouldDoSoForEachMethodAndOldVersions(Method method, String from, String to) {
    thereAndBack(
        LabFixture.tiny().withPgBouncer().withVersions(PgVersion.parse(from), PgVersion.parse(to)),
        method,
        A_MINUTE);
  }

  private static void thereAndBack(
      dev.upshift.lab.LabOptions options, Method method, Duration between) {
    try (var fixture = LabFixture.up(options)) {
      var lab = fixture.lab();
      var topology = topologyOf(lab);
      var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
      Bank.make(stage.oldPrimary());
      var stalls = new ArrayList<Long>();
      Bank bank = Bank.open(topology);
      try (bank) {
        Clock.system().sleep(between);
        stalls.add(go(topology, method, bank, Upgrade.Ask.UPGRADE));
        Bank.useSequence(stage.newPrimary());
        Clock.system().sleep(between);
        assertThat(WayBackStatus.of(topology).orElseThrow().state()).isEqualTo("open");
        stalls.add(go(topology, method, bank, Upgrade.Ask.SWITCH_BACK));
        Bank.useSequence(stage.oldPrimary());
        Clock.system().sleep(between);
        stalls.add(go(topology, method, bank, Upgrade.Ask.UPGRADE));
        Bank.useSequence(stage.newPrimary());
        Clock.system().sleep(between);
      }
      System.out.printf(
          "story: there, back, there again, %s: %d transactions acknowledged, %d kinds of error, longest %s ms%n",
          method, bank.acknowledged(), bank.errors().size(), stalls);
      assertThat(bank.errors()).isEmpty();
      assertThat(bank.wrongOn(stage.newPrimary())).isEmpty();
      finish(lab, topology, method, stage);
      assertThat(bank.wrongOn(stage.newPrimary())).isEmpty();
    }
  }

  /**
   * The lab's second pooler is the newest, and that cannot go back from 16 or newer to before 16:
   * then it is one that was forgotten, and clients come through the other one.
   */
  private static Topology topologyOf(Lab lab) {
    var both = lab.topology();
    if (both.oldCluster().version().atLeast(16)) {
      return both;
    }
    var probe = both.probe().orElseThrow();
    var file = lab.topologyFile();
    var one = file.resolveSibling("one-pooler.yaml");
    var pool2 = "      - {host: pool2";
    Texts.copy(file, one, "  write: " + probe.write(), "  write: " + probe.read());
    return TopologyFile.read(Texts.withoutLine(one, pool2));
  }

  private static long go(Topology topology, Method method, Bank bank, Upgrade.Ask ask) {
    bank.longestMillis();
    var end = run(topology, method, ask);
    assertThat(end).isInstanceOf(RunEnd.Walked.class);
    assertThat(((RunEnd.Walked) end).outcome()).isEqualTo(new Outcome.Completed());
    var report = Report.of(RunFolder.latest(topology).orElseThrow().folder());
    assertThat(report.promises()).isEmpty();
    assertThat(report.measurement().orElseThrow().writes().errors()).as("writes").isZero();
    assertThat(report.ledger().orElseThrow().clean()).isTrue();
    return bank.longestMillis();
  }

  private static RunEnd run(Topology topology, Method method, Upgrade.Ask ask) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    return new Upgrade(topology, method, open, _ -> {}).run(ask);
  }

  private static void finish(Lab lab, Topology topology, Method method, Stage stage) {
    var end = run(topology, method, Upgrade.Ask.FINISH);
    assertThat(((RunEnd.Walked) end).outcome()).isEqualTo(new Outcome.Completed());
    assertThat(WayBackStatus.of(topology).orElseThrow().state()).isEqualTo("closed");
    var serving = new ArrayList<PgServer>(List.of(stage.newPrimary()));
    topology
        .standbys()
        .forEach(standby -> serving.add(stage.server(standby, topology.newCluster())));
    assertThat(OursEverywhere.on(serving)).isEmpty();
    assertThat(OursEverywhere.below(lab.dir().resolve("db"))).isEmpty();
    assertThat(stage.oldPrimary().isRunning()).isFalse();
  }
}
