package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.Witness;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.LabProcesses;
import dev.upshift.testing.ServingSide;
import dev.upshift.testing.SharedLabs;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.ToolProcess;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The tool dies, and the initdb that it had started lives on. When that one fails in the end, it
 * empties its folder; by then another cluster may lie there.
 */
@Tag("real")
@ExtendWith({SharedLabs.class, Stopwatch.class})
class OrphanOfKilledToolStory {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(2);

  @Test
  void shouldEndWhatADeadProcessLeftRunningBeforeItBeginsAgain(SharedLabs.Labs labs)
      throws Exception {
    var stand = labs.servers();
    var file = stand.file().toString();
    var stage = Stage.live(stand.topology(), Path.of("unused"), Witness.NONE);
    var data = stage.newPrimary().data();

    var tool = ToolProcess.start("prepare", file, "--yes");
    var orphans = new ArrayList<String>();
    assertThat(Deadline.in(LIMIT).until(PAUSE, () -> !tool.isAlive() || stopped(data, orphans)))
        .isTrue();
    assertThat(orphans).as(tool.said()).isNotEmpty();
    tool.kill();

    var resumed = ToolProcess.run(LIMIT, "resume", file, "--yes");
    assertThat(resumed.exitCode()).as(resumed.said()).isZero();
    signal("CONT", orphans);
    assertThat(
            Deadline.in(LIMIT)
                .until(Duration.ofMillis(50), () -> orphans.stream().noneMatch(this::isAlive)))
        .isTrue();
    assertThat(stage.newPrimary().control().shutDownCleanly()).isTrue();

    stand.run(stand.file(), Upgrade.Ask.UNDO, _ -> {});
    assertThat(new ServingSide(stand.topology()).wrongWithOld(stand.before())).isEmpty();
  }

  /**
   * Stops initdb and the server that it runs, in the look that sees them: a later one may come
   * after their end.
   */
  private static boolean stopped(Path data, List<String> orphans) {
    for (var pid : initdbs(data)) {
      signal("STOP", List.of(pid));
      if (ProcessHandle.of(Long.parseLong(pid)).isPresent()) {
        orphans.add(pid);
      }
    }
    return !orphans.isEmpty();
  }

  private static List<String> initdbs(Path data) {
    return LabProcesses.in(data).stream()
        .filter(process -> process.matches("\\d+ \\S*/(initdb|postgres) .*"))
        .map(process -> process.substring(0, process.indexOf(' ')))
        .toList();
  }

  private boolean isAlive(String pid) {
    return ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive).orElse(false);
  }

  private static void signal(String name, List<String> pids) {
    try {
      for (var pid : pids) {
        new ProcessBuilder("kill", "-" + name, pid).redirectErrorStream(true).start().waitFor();
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
