package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.journal.Entry;
import dev.upshift.lab.Lab;
import dev.upshift.run.RunFolder;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.LabSnapshot;
import dev.upshift.testing.ServingSide;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.ToolProcess;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * The tool is killed from outside at moments that nobody chose; then somebody says resume or undo,
 * and is sometimes killed too. Each time one side must serve in the end, wholly, with every
 * acknowledged write once. {@code -Dkills.runs} and {@code -Dkills.seed} choose what is run.
 */
@Tag("full")
class KilledAtRandomMoments {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int UNDONE = 5;
  private static final int NO_RUN = 2;

  private final long usualMillis = Long.getLong("kills.usual-millis", 0);
  private final int runs = Integer.getInteger("kills.runs", 40);
  private final long seed = Long.getLong("kills.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final TreeMap<String, Integer> summary = new TreeMap<>();
  private final List<String> illegal = new ArrayList<>();

  @Test
  @Timeout(value = 3, unit = java.util.concurrent.TimeUnit.HOURS, threadMode = ThreadMode.INFERRED)
  void shouldEndWithOneSideServingWhateverTheMoment() throws Exception {
    System.out.printf("kills: %d runs, seed %d%n", runs, seed);
    var usual = usualMillis > 0 ? Duration.ofMillis(usualMillis) : learnDuration();
    int run = 0;
    while (run < runs) {
      run = killInOneLab(run, usual);
    }
    System.out.printf(
        "kills: %d runs, %d illegal, seed %d: %s%n", runs, illegal.size(), seed, summary);
    assertThat(illegal).isEmpty();
  }

  /** How long a whole upgrade takes when nobody kills it. */
  private Duration learnDuration() throws SQLException {
    try (var fixture = LabFixture.up(LabFixture.serversOnly())) {
      var file = prepare(fixture.lab());
      long begin = System.nanoTime();
      var tool = ToolProcess.run(LIMIT, "upgrade", file.toString(), "--yes");
      var usual = Duration.ofNanos(System.nanoTime() - begin);
      assertThat(tool.exitCode()).as(tool.said()).isZero();
      var side = new ServingSide(TopologyFile.read(file));
      assertThat(side.wrongWithNew()).isEmpty();
      assertThat(side.ledger().orElseThrow().clean()).isTrue();
      System.out.printf("kills: nobody killed: %d ms%n", usual.toMillis());
      return usual;
    }
  }

  private static Path prepare(Lab lab) throws SQLException {
    var file = SmallFleet.describe(lab);
    new FleetClient(TopologyFile.read(file)).makeTable();
    return file;
  }

  /** Kills in one lab until an upgrade has gone through there; returns the next run's number. */
  private int killInOneLab(int first, Duration usual) throws SQLException {
    try (var fixture = LabFixture.up(LabFixture.serversOnly())) {
      var file = prepare(fixture.lab());
      var topology = TopologyFile.read(file);
      var before = LabSnapshot.of(topology);
      for (int run = first; run < runs; run++) {
        if (!killOnce(run, file, topology, before, usual)) {
          return run + 1;
        }
      }
      return runs;
    }
  }

  /** One run; says whether the lab is as it was. */
  private boolean killOnce(
      int run, Path file, Topology topology, LabSnapshot before, Duration usual) {
    var told = new StringBuilder();
    long begin = System.nanoTime();
    kill(told, file, topology, usual, "upgrade");
    var choice = choice(topology);
    while (random.nextInt(4) == 0) {
      kill(told, file, topology, usual.dividedBy(2), choice);
      choice = choice(topology);
    }
    var end = ToolProcess.run(LIMIT, choice, file.toString(), "--yes");
    told.append(choice).append(" -> ").append(end.exitCode());
    if (end.exitCode() == UNDONE) {
      // The failed switch is taken back, what was prepared stands: the operator takes that back.
      end = ToolProcess.run(LIMIT, "undo", file.toString(), "--yes");
      told.append(", undo -> ").append(end.exitCode());
    }
    boolean upgraded = hasCrossedBorder(topology);
    var side = new ServingSide(topology);
    var wrong = new ArrayList<>(upgraded ? side.wrongWithNew() : side.wrongWithOld(before));
    boolean nothingBegun = end.exitCode() == NO_RUN && end.said().contains("no run");
    if (end.exitCode() != 0 && !nothingBegun) {
      wrong.add("exit code " + end.exitCode() + ": " + end.said());
    }
    side.ledger()
        .ifPresent(ledger -> {
          told.append(", acknowledged ").append(ledger.acknowledged());
          if (!ledger.clean()) {
            wrong.add("the ledger: " + ledger);
          }
        });
    var outcome = upgraded ? "new serves" : nothingBegun ? "never begun" : "old serves as before";
    tell(run, told, wrong.isEmpty() ? outcome : "ILLEGAL " + wrong, begin);
    summary.merge(wrong.isEmpty() ? outcome : "illegal", 1, Integer::sum);
    wrong.forEach(what -> illegal.add("run " + run + ": " + what));
    return !upgraded && wrong.isEmpty();
  }

  private void tell(int run, StringBuilder told, String outcome, long begin) {
    var seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(Locale.ROOT, "kills: %3d %s: %s (%.0f s)%n", run, told, outcome, seconds);
  }

  private void kill(
      StringBuilder told, Path file, Topology topology, Duration usual, String command) {
    var moment = Duration.ofMillis(random.nextLong(usual.toMillis()));
    var tool = ToolProcess.start(command, file.toString(), "--yes");
    if (command.equals("upgrade")) {
      // The moments count from the run's beginning: a JVM that starts is nothing to kill.
      var _ = Deadline.in(LIMIT).until(PAUSE, () -> !tool.isAlive() || hasBegun(topology));
    }
    boolean ended = tool.endsWithin(moment);
    tool.kill();
    told.append(command)
        .append(ended ? " ended before " : " killed at ")
        .append(moment.toMillis())
        .append(" ms in ")
        .append(at(topology))
        .append("; ");
  }

  private static boolean hasBegun(Topology topology) {
    return RunFolder.latest(topology)
        .filter(run -> !run.isFinished() && !run.entries().isEmpty())
        .isPresent();
  }

  /** Undo where it is possible, now and then. */
  private String choice(Topology topology) {
    return hasCrossedBorder(topology) || random.nextBoolean() ? "resume" : "undo";
  }

  private static boolean hasCrossedBorder(Topology topology) {
    return entries(topology).stream()
        .anyMatch(entry ->
            entry instanceof Entry.Started started
                && started.step().equals("admit-clients-to-new"));
  }

  private static String at(Topology topology) {
    var entries = entries(topology);
    return entries.isEmpty()
        ? "nothing"
        : switch (entries.getLast()) {
          case Entry.Began began -> "the beginning of " + began.command();
          case Entry.Passed passed -> "after " + passed.gate();
          case Entry.Started started -> started.step();
          case Entry.Waiting waiting -> waiting.step() + " (waiting)";
          case Entry.Done done -> "after " + done.step();
          case Entry.Failed failed -> failed.step() + " (failed)";
          case Entry.Undoing undoing -> "undo of " + undoing.step();
          case Entry.Undone undone -> "after undo of " + undone.step();
          case Entry.Differs differs -> differs.step() + " (differs)";
          case Entry.Ended ended -> "the end: " + ended.result();
        };
  }

  private static List<Entry> entries(Topology topology) {
    return RunFolder.latest(topology).map(RunFolder::entries).orElse(List.of());
  }
}
