package dev.upshift.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.Command;
import dev.upshift.journal.Entry;
import dev.upshift.postgres.PgServer;
import dev.upshift.run.RunFolder;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What ends without a word. */
public final class Sigkill {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private Sigkill() {}

  /** To the tool in a process of its own, as soon as its journal has the step. */
  public static void toolAt(String step, Topology topology, String... arguments) {
    var tool = ToolProcess.start(arguments);
    boolean reached =
        Deadline.in(SOON)
            .until(Duration.ofMillis(1), () -> !tool.isAlive() || isStarted(topology, step));
    tool.kill();
    assertThat(reached).as(tool.said()).isTrue();
    assertThat(isStarted(topology, step)).as(tool.said()).isTrue();
  }

  /** In the run that is under way. */
  private static boolean isStarted(Topology topology, String step) {
    return RunFolder.latest(topology).filter(run -> !run.isFinished()).stream()
        .flatMap(run -> run.entries().stream())
        .anyMatch(entry -> entry instanceof Entry.Started started && started.step().equals(step));
  }

  /** To the postmaster and to every child of it; it comes up again by itself. */
  public static void server(PgServer server) {
    var host = server.host();
    var pid = host.readText(server.data().resolve("postmaster.pid")).orElseThrow();
    var postmaster = pid.lines().findFirst().orElseThrow().strip();
    var all = new ArrayList<>(List.of(postmaster));
    all.addAll(host.children(postmaster).keySet());
    host.ask(Command.of("kill", "-KILL").with(all.toArray()));
    assertThat(Deadline.in(SOON).until(PAUSE, () -> !server.isRunning())).isTrue();
    assertThat(
            Deadline.in(SOON)
                .until(PAUSE, () -> all.stream().noneMatch(p -> host.exists(Path.of("/proc", p)))))
        .isTrue();
    server.start(Deadline.in(SOON));
  }
}
