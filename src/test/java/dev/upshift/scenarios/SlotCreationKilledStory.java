package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.testing.LedgerClient;
import dev.upshift.testing.ServerPair;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.util.PSQLException;

/** Who is killed while a slot waits for a transaction leaves one that is there, and not made. */
@Tag("real")
@ExtendWith(Stopwatch.class)
class SlotCreationKilledStory {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);

  @Test
  void shouldMakeASlotAnewWhoseCreationWasKilledOver() throws Exception {
    try (var pair = ServerPair.start();
        var blocker = pair.connect(pair.primary(), ServerPair.DATABASE)) {
      var publisher = pair.publisher();
      var database = publisher.databases().getFirst();
      var ledger = new LedgerClient(pair.file("ledger.log"));
      long n = ledger.begin(blocker);
      var creation = CompletableFuture.runAsync(() -> publisher.createSlot(database));
      assertThat(Deadline.in(SOON).until(PAUSE, () -> publisher.slot(database).isPresent()))
          .isTrue();
      assertThat(publisher.slot(database).orElseThrow().isMade()).isFalse();

      var again = pair.publisher();
      var anew = CompletableFuture.runAsync(() -> again.createSlot(database));
      assertThatThrownBy(() -> creation.get(30, TimeUnit.SECONDS))
          .as("the first creation is ended, and not taken for done")
          .hasRootCauseInstanceOf(PSQLException.class);
      ledger.commit(blocker, n);
      anew.get(30, TimeUnit.SECONDS);
      assertThat(again.slot(database).orElseThrow().isMade()).isTrue();
    }
  }
}
