package dev.upshift.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that outlive us: found again by the next process, running, ended or lost. */
abstract class HostJobsContract {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(10);

  private final List<String> effects = new ArrayList<>();
  private final Host host = host("db4", (where, what) -> effects.add(what));
  @TempDir protected Path temp;

  /** The machine under test. */
  abstract Host host(String name, Witness witness);

  private Path job() {
    return temp.resolve("job");
  }

  @AfterEach
  void endWhatRuns() {
    host.kill(job(), SOON);
  }

  @Test
  void shouldLeaveOutputAndExitCodeInItsFolder() {
    assertThat(host.state(job())).isEqualTo(new JobState.NotStarted());
    host.launch(
        job(),
        Command.of("sh", "-c", "echo \"$1 $X\"; echo err >&2; exit 7", "sh", "a  b")
            .set("X", "x y"));
    assertThat(host.await(job(), Deadline.in(SOON))).isEqualTo(new JobState.Ended(7));
    assertThat(host.readText(job().resolve("out"))).hasValue("a  b x y\n");
    assertThat(host.readText(job().resolve("err"))).hasValue("err\n");
    assertThat(effects).anyMatch(effect -> effect.contains("exit 7"));
  }

  @Test
  void shouldStartOnceHoweverOftenItIsLaunched() {
    var command = Command.of("sh", "-c", "echo started >>" + temp.resolve("log") + "; sleep 0.3");
    host.launch(job(), command);
    host.launch(job(), command);
    assertThat(host.state(job())).isEqualTo(new JobState.Running());
    host.await(job(), Deadline.in(SOON));
    host.launch(job(), command);
    assertThat(host.await(job(), Deadline.in(SOON))).isEqualTo(new JobState.Ended(0));
    assertThat(host.readText(temp.resolve("log"))).hasValue("started\n");
  }

  @Test
  void shouldBeLostWhenEveryProcessOfItWasKilled() {
    host.launch(job(), Command.of("sleep", "60"));
    host.ask(Command.of("kill", "-KILL", "--", "-" + pid("pid")));
    assertThat(host.await(job(), Deadline.in(SOON))).isEqualTo(new JobState.Lost());
    // It is never started a second time in the same folder.
    host.launch(job(), Command.of("true"));
    assertThat(host.state(job())).isEqualTo(new JobState.Lost());
  }

  @Test
  void shouldSayThatItStillRunsWhenTheDeadlineHasPassed() {
    host.launch(job(), Command.of("sleep", "60"));
    var began = System.nanoTime();
    assertThat(host.await(job(), Deadline.in(Duration.ofMillis(700))))
        .isEqualTo(new JobState.Running());
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isBetween(Duration.ofMillis(700), Duration.ofSeconds(5));
  }

  @Test
  void shouldEndItsGrandchildrenWhenItIsKilled() {
    host.launch(job(), Command.of("sh", "-c", "sh -c 'echo $$ >grandchild; sleep 60; true'; true"));
    assertThat(
            Deadline.in(SOON)
                .until(PAUSE, () -> host.readText(job().resolve("grandchild")).isPresent()))
        .isTrue();
    assertThat(Deadline.in(SOON).until(PAUSE, () -> !pid("grandchild").isEmpty())).isTrue();
    host.kill(job(), SOON);
    assertThat(host.state(job())).isEqualTo(new JobState.Lost());
    assertThat(runs(pid("grandchild"))).isFalse();
  }

  @Test
  void shouldNotTakeAServerThatItLeftBehindForItself() {
    host.launch(
        job(), Command.of("sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & echo $! >server; exit 0"));
    assertThat(host.await(job(), Deadline.in(SOON))).isEqualTo(new JobState.Ended(0));
    host.ask(Command.of("kill", "-KILL", pid("server")));
  }

  private String pid(String name) {
    return host.readText(job().resolve(name)).orElseThrow().strip();
  }

  private boolean runs(String pid) {
    var state = host.ask(Command.of("ps", "-o", "stat=", "-p", pid)).out().strip();
    return !state.isEmpty() && !state.startsWith("Z");
  }
}
