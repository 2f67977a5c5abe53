package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.journal.Entry;
import dev.upshift.run.RunFolder;
import dev.upshift.testing.ServingSide;
import dev.upshift.testing.SharedLabs;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.ToolProcess;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The tool dies while pg_upgrade runs and writes are held; a new process takes up the run. */
@Tag("real")
@ExtendWith({SharedLabs.class, Stopwatch.class})
class ToolKilledStory {
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @Test
  void shouldGoOnInANewProcessAndLoseNoWrite(SharedLabs.Labs labs) {
    var stand = labs.servers();
    var topology = stand.topology();
    var file = stand.file().toString();

    var tool = ToolProcess.start("upgrade", file, "--yes");
    await(topology, tool, "create-new-cluster");
    refuseSecondProcess(file);
    await(topology, tool, "run-pg-upgrade");
    tool.kill();
    assertThat(isDone(topology, "run-pg-upgrade")).as("pg_upgrade had ended already").isFalse();

    var resumed = ToolProcess.run(LIMIT, "resume", file, "--yes");
    assertThat(resumed.exitCode()).as(resumed.said()).isZero();
    var side = new ServingSide(topology);
    assertThat(side.wrongWithNew()).isEmpty();
    var ledger = side.ledger().orElseThrow();
    System.out.printf(
        "story: tool killed: of %d acknowledged writes lost=%d duplicated=%d%n",
        ledger.acknowledged(), ledger.lost(), ledger.duplicated());
    assertThat(ledger.acknowledged()).isPositive();
    assertThat(ledger.clean()).as(ledger.toString()).isTrue();
  }

  /** Two operators who do not know of each other. */
  private static void refuseSecondProcess(String file) {
    var second = ToolProcess.run(LIMIT, "undo", file, "--yes");
    assertThat(second.exitCode()).as(second.said()).isEqualTo(2);
    assertThat(second.said()).contains("is being worked on by", "pid", "HINT");
  }

  private static void await(Topology topology, ToolProcess tool, String step) {
    assertThat(
            Deadline.in(LIMIT)
                .until(Duration.ofMillis(20), () -> !tool.isAlive() || isStarted(topology, step)))
        .as(tool.said())
        .isTrue();
    assertThat(isStarted(topology, step)).as(tool.said()).isTrue();
  }

  /** In the run that is under way; the lab may have seen others. */
  private static boolean isStarted(Topology topology, String step) {
    return RunFolder.latest(topology)
        .filter(run -> !run.isFinished())
        .map(RunFolder::entries)
        .orElse(List.of())
        .stream()
        .anyMatch(e -> e instanceof Entry.Started started && started.step().equals(step));
  }

  private static boolean isDone(Topology topology, String step) {
    return entries(topology).stream()
        .anyMatch(e -> e instanceof Entry.Done done && done.step().equals(step));
  }

  private static List<Entry> entries(Topology topology) {
    return RunFolder.latest(topology).map(RunFolder::entries).orElse(List.of());
  }
}
