package dev.upshift.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.WorldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same to several things at once. */
@Timeout(60)
class AtOnceTest {

  @Test
  void shouldAnswerInTheirOrderAndNameAllThatFailed() {
    assertThat(AtOnce.each(List.of(3, 1, 2), thing -> thing * 10)).containsExactly(30, 10, 20);
    assertThatThrownBy(() -> AtOnce.each(List.of("a", "b", "c"), AtOnceTest::refused))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("a is away")
        .hasMessageContaining("b is away")
        .hasMessageContaining("c is away");
  }

  private static String refused(String thing) {
    throw new WorldError(thing, thing + " is away", "");
  }

  @Test
  void shouldInterruptTheOthersWhenOneFails() throws Exception {
    var bothWait = new CountDownLatch(2);
    Queue<String> interrupted = new ConcurrentLinkedQueue<>();
    var failure =
        AtOnce.untilOneFails(
            List.of("waits", "waits too", "fails"),
            thing -> {
              if (thing.equals("fails")) {
                await(bothWait);
                throw new WorldError(thing, "no", "");
              }
              bothWait.countDown();
              if (waitedUntilInterrupted()) {
                interrupted.add(thing);
              }
            });
    assertThat(failure).get().isInstanceOf(WorldError.class);
    assertThat(interrupted).containsExactlyInAnyOrder("waits", "waits too");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean waitedUntilInterrupted() {
    try {
      return new CountDownLatch(1).await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  /** The threads are kept: who gets one next must not be interrupted for the one before. */
  @Test
  void shouldInterruptNobodyWhoComesLater() {
    var met = new AtomicBoolean();
    for (int i = 0; i < 300; i++) {
      var failed =
          AtOnce.untilOneFails(
              List.of(1, 2, 3),
              thing -> {
                if (thing != 2) {
                  throw new WorldError("here", "no", "");
                }
              });
      assertThat(failed).isPresent();
      AtOnce.each(
          IntStream.range(0, 4).boxed().toList(),
          _ -> {
            if (Thread.currentThread().isInterrupted()) {
              met.set(true);
            }
            return true;
          });
    }
    assertThat(met).isFalse();
  }

  @Test
  void shouldEndAllThatIsUnderWayWhenWhoAskedIsToEnd() throws Exception {
    var bothWait = new CountDownLatch(2);
    Queue<String> interrupted = new ConcurrentLinkedQueue<>();
    var stillInterrupted = new AtomicBoolean();
    var asker =
        Thread.ofPlatform()
            .start(() -> {
              var _ =
                  AtOnce.untilOneFails(
                      new ArrayList<>(List.of("one", "two")),
                      thing -> {
                        bothWait.countDown();
                        if (waitedUntilInterrupted()) {
                          interrupted.add(thing);
                        }
                      });
              stillInterrupted.set(Thread.currentThread().isInterrupted());
            });
    await(bothWait);
    asker.interrupt();
    asker.join(30_000);
    assertThat(interrupted).containsExactlyInAnyOrder("one", "two");
    assertThat(stillInterrupted).isTrue();
  }
}
