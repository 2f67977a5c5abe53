package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Outcome;
import dev.upshift.journal.Entry;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabProcesses;
import dev.upshift.testing.ServingSide;
import dev.upshift.testing.SharedLabs;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Clock;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * pg_upgrade hangs, and the writers' patience is used up: the old primary takes writes again before
 * anything slow is done.
 */
@Tag("real")
@ExtendWith({SharedLabs.class, Stopwatch.class})
class BudgetPassedStory {
  private static final Duration BUDGET = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(20);

  @Test
  void shouldServeWritesAgainWithinSecondsOfTheBudget(SharedLabs.Labs labs) {
    var stand = labs.servers();
    var topology = stand.topology();
    var file = stand.with("short-hold", "physical: 10m", "physical: " + BUDGET.toSeconds() + "s");
    var held = new AtomicReference<Instant>();
    var served = new CompletableFuture<Instant>();

    var end =
        stand.run(
            file,
            Upgrade.Ask.UPGRADE,
            entry -> {
              if (entry instanceof Entry.Started started) {
                react(stand, started, held, served);
              }
            });

    assertThat(end).isInstanceOf(RunEnd.Walked.class);
    var outcome = ((RunEnd.Walked) end).outcome();
    assertThat(outcome).isInstanceOf(Outcome.Undone.class);
    var undone = (Outcome.Undone) outcome;
    assertThat(undone.why()).contains("run-pg-upgrade", "not done within");
    assertThat(undone.differences()).isEmpty();
    var waited = Duration.between(held.get().plus(BUDGET), served.join());
    System.out.printf(
        "story: budget of %d s passed: first accepted write %d ms later%n",
        BUDGET.toSeconds(), waited.toMillis());
    assertThat(waited).isLessThan(PATIENCE);
    assertThat(new FleetClient(topology).address("db1.internal"))
        .isEqualTo(topology.primary().address());

    stand.run(file, Upgrade.Ask.UNDO, _ -> {});
    assertThat(new ServingSide(topology).wrongWithOld(stand.before())).isEmpty();
    assertThat(new ServingSide(topology).ledger().orElseThrow().clean()).isTrue();
  }

  private static void react(
      SharedLabs.Stand stand,
      Entry.Started started,
      AtomicReference<Instant> held,
      CompletableFuture<Instant> served) {
    switch (started.step()) {
      case "hold-traffic" -> held.set(started.at());
      case "run-pg-upgrade" -> {
        var data = stand.topology().newCluster().data(stand.topology().candidate());
        // Its arguments name the data directory and what lies beside it.
        var place = java.util.Objects.requireNonNull(data.getParent());
        Thread.ofPlatform().daemon().start(() -> stopPgUpgrade(place));
        Thread.ofPlatform().daemon().start(() -> writeUntilServed(stand, served));
      }
      default -> {}
    }
  }

  /** SIGSTOP: it hangs, and does not even hear a SIGTERM; whatever it has forked meanwhile, too. */
  private static void stopPgUpgrade(Path place) {
    Deadline.in(BUDGET)
        .until(
            PAUSE,
            () -> {
              var found =
                  LabProcesses.in(place).stream()
                      .filter(process -> process.matches("\\d+ \\S*/pg_upgrade .*"))
                      .map(process -> process.substring(0, process.indexOf(' ')))
                      .toList();
              found.forEach(BudgetPassedStory::stop);
              return false;
            });
  }

  private static void stop(String pid) {
    try {
      new ProcessBuilder("kill", "-STOP", pid).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeUntilServed(SharedLabs.Stand stand, CompletableFuture<Instant> served) {
    var client = new FleetClient(stand.topology());
    var deadline = Deadline.in(Duration.ofMinutes(2));
    while (!deadline.passed()) {
      try {
        client.write(2);
        served.complete(Instant.now());
        return;
      } catch (SQLException e) {
        Clock.system().sleep(PAUSE);
      }
    }
    served.completeExceptionally(new AssertionError("no write was accepted within 2 min"));
  }
}
