package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.report.Report;
import dev.upshift.run.RunFolder;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.ServingSide;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.ToolProcess;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.TopologyFile;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each pair of versions, with either method: a whole upgrade under the probe, in which no read
 * fails and no acknowledged write is lost.
 */
@Tag("full")
@ExtendWith(Stopwatch.class)
class VersionPairs {
  private static final Duration LIMIT = Duration.ofMinutes(6);

  @ParameterizedTest(name = "{0}: {1} to {2}")
  @CsvSource({
    "physical, 13, 15",
    "physical, 13, 18",
    "physical, 15, 17",
    "physical, 15, 18",
    "physical, 17, 18",
    "logical, 13, 15",
    "logical, 13, 17",
    "logical, 13, 18",
    "logical, 15, 17",
    "logical, 15, 18",
    "logical, 17, 18"
  })
  void shouldUpgradeWithoutAFailedReadOrALostWrite(String method, String from, String to)
      throws Exception {
    var options = LabFixture.serversOnly().withVersions(PgVersion.parse(from), PgVersion.parse(to));
    try (var fixture = LabFixture.up(options)) {
      var file = SmallFleet.describe(fixture.lab());
      var topology = TopologyFile.read(file);
      new FleetClient(topology).makeTable();
      long begin = System.nanoTime();
      var tool = ToolProcess.run(LIMIT, "upgrade", file.toString(), "--method", method, "--yes");
      var took = Duration.ofNanos(System.nanoTime() - begin);
      assertThat(tool.exitCode()).as(tool.said()).isZero();

      var report = Report.of(RunFolder.latest(topology).orElseThrow().folder());
      var measured = report.measurement().orElseThrow();
      var ledger = report.ledger().orElseThrow();
      System.out.printf(
          Locale.ROOT,
          "pair: %s, %s to %s: %.1f s, held %.2f s; %d reads, %d errors; %d writes acknowledged, %d lost, %d duplicated%n",
          method,
          from,
          to,
          took.toMillis() / 1000.0,
          report.held().orElseThrow().toMillis() / 1000.0,
          measured.reads().attempts(),
          measured.reads().errors(),
          ledger.acknowledged(),
          ledger.lost(),
          ledger.duplicated());
      assertThat(measured.reads().errors()).isZero();
      assertThat(ledger.acknowledged()).isPositive();
      assertThat(ledger.clean()).as(ledger.toString()).isTrue();
      assertThat(report.promises()).isEmpty();
      var side = new ServingSide(topology);
      assertThat(side.wrongWithNew()).isEmpty();
    }
  }
}
