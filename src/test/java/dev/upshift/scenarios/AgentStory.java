package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.postgres.PgServer;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import dev.upshift.upgrade.checks.Finding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A program beside the old primary that starts it again, within a tenth of a second. In this lab
 * all servers are one machine, on each of which it is found.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class AgentStory {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration LOOK = Duration.ofMillis(50);

  /** It ends when its folder is gone, too. */
  private static final String AGENT =
      """
      #!/bin/sh
      cd "$1" && echo $$ > pid
      while sleep 0.1 && [ -e pid ]; do
        if [ ! -e paused-db1 ] && ! "$2" -D "$3" status > out; then
          echo start >> starts
          "$2" -D "$3" -w -l log start > out
        fi
      done
      """;

  private static Upgrade upgrade(Topology topology, Consumer<Entry> reader) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    return new Upgrade(topology, Method.PHYSICAL, open, reader);
  }

  private static Outcome walk(Upgrade upgrade, Upgrade.Ask ask) {
    var end = upgrade.run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    return ((RunEnd.Walked) end).outcome();
  }

  private static Outcome walk(Topology topology, Upgrade.Ask ask) {
    return walk(upgrade(topology, _ -> {}), ask);
  }

  /** The operator stops it while clients are held. */
  private static Outcome stopInTheHold(Topology topology) {
    var running = new AtomicReference<Upgrade>();
    var upgrade =
        upgrade(
            topology,
            entry -> {
              if (entry instanceof Entry.Started started && started.step().equals("hold-traffic")) {
                running.get().stop();
              }
            });
    running.set(upgrade);
    return walk(upgrade, Upgrade.Ask.UPGRADE);
  }

  private static Topology withAgent(Path file, Path folder) throws IOException {
    var paused = folder.resolve("paused-{server}");
    var said =
        """

        agents:
          servers: [db1, db2, db3]
          pause: [touch, "%s"]
          resume: [rm, -f, "%s"]
          status: [sh, -c, "test ! -e $0 || exit 3", "%s"]
        """
            .formatted(paused, paused, paused);
    var with = file.resolveSibling("with-agent.yaml");
    Files.writeString(with, Files.readString(file) + said);
    return TopologyFile.read(with);
  }

  private static List<String> starts(Path folder) {
    var starts = folder.resolve("starts");
    try {
      return Files.exists(starts) ? Files.readAllLines(starts) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void shouldBeStartedAgain(PgServer old, Path folder) {
    int before = starts(folder).size();
    // Who waits for its end may meet the next one.
    old.host().run(Command.of(old.program("pg_ctl"), "stop", "-D", old.data(), "-m", "fast", "-W"));
    assertThat(Deadline.in(SOON).until(LOOK, () -> starts(folder).size() == before + 1)).isTrue();
  }

  private static boolean standbysStream(PgServer old) {
    try {
      return old.ask("SELECT count(*) > 1 FROM pg_stat_replication WHERE state = 'streaming'")
          .filter("t"::equals)
          .isPresent();
    } catch (WorldError e) {
      return false; // it is still starting
    }
  }

  private static Path startAgent(PgServer old) {
    var host = old.host();
    var folder = old.data().resolveSibling("agent");
    host.makeFolder(folder);
    var program = folder.resolve("repmgrd");
    host.replaceText(program, AGENT);
    host.launch(
        folder.resolve("job"),
        Command.of("sh", program, folder, old.program("pg_ctl"), old.data()));
    assertThat(Deadline.in(SOON).until(LOOK, () -> host.exists(folder.resolve("pid")))).isTrue();
    return folder;
  }

  @Test
  void shouldBePausedWhileThereAreTwoPrimariesAndGivenBack() throws IOException {
    try (var fixture = LabFixture.up(LabFixture.serversOnly())) {
      var file = SmallFleet.describe(fixture.lab());
      var plain = TopologyFile.read(file);
      var old = Stage.live(plain, Path.of("unused"), Witness.NONE).oldPrimary();
      var folder = startAgent(old);
      try {
        shouldBeStartedAgain(old, folder);
        assertThat(Deadline.in(SOON).until(LOOK, () -> standbysStream(old))).isTrue();
        assertThat(upgrade(plain, _ -> {}).check())
            .flatMap(answer -> answer.findings().stream().map(Finding::what).toList())
            .anyMatch(what -> what.equals("on db1 runs repmgrd"));

        var topology = withAgent(file, folder);
        Files.createFile(folder.resolve("paused-db3")); // by the operator, before
        assertThat(stopInTheHold(topology)).isInstanceOf(Outcome.Undone.class);
        assertThat(folder.resolve("paused-db1")).doesNotExist();
        shouldBeStartedAgain(old, folder);
        assertThat(Deadline.in(SOON).until(LOOK, () -> standbysStream(old))).isTrue();

        assertThat(walk(topology, Upgrade.Ask.RESUME)).isEqualTo(new Outcome.Completed());
        assertThat(folder.resolve("paused-db1")).exists();
        assertThat(walk(topology, Upgrade.Ask.SWITCH_BACK)).isEqualTo(new Outcome.Completed());
        assertThat(folder.resolve("paused-db1")).exists();
        assertThat(starts(folder)).hasSize(2);
        assertThat(walk(topology, Upgrade.Ask.FINISH)).isEqualTo(new Outcome.Completed());
        assertThat(folder.resolve("paused-db1")).doesNotExist();
        assertThat(folder.resolve("paused-db2")).as("no server is left there").exists();
        assertThat(folder.resolve("paused-db3")).exists();
        shouldBeStartedAgain(old, folder);
      } finally {
        Files.delete(folder.resolve("pid"));
      }
    }
  }
}
