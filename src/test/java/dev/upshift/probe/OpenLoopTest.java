package dev.upshift.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.probe.log.AnsweringServer;
import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.ProbeLog;
import dev.upshift.probe.log.ProbeLogWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OpenLoopTest {
  private static final int RATE = 50;
  private static final long STALL_MILLIS = 400;
  private static final int OTHERS = 10;

  @TempDir Path folder;

  @Test
  void shouldKeepTheTimesThatWereIntendedWithoutDrift() {
    var schedule = new Schedule(1000, 30);
    assertThat(schedule.intendedNanos(0)).isEqualTo(1000);
    assertThat(schedule.intendedNanos(1)).isEqualTo(1000 + 33_333_333L);
    assertThat(schedule.intendedNanos(30)).isEqualTo(1000 + 1_000_000_000L);
    assertThat(schedule.intendedNanos(30L * 86_400 * 365))
        .isEqualTo(1000 + 86_400L * 365 * 1_000_000_000L);
    assertThat(new Schedule(0, 20).shifted(1, 4).beginNanos()).isEqualTo(12_500_000);
  }

  @Test
  void shouldShowAStallInEveryAttemptThatWasDueDuringIt() throws Exception {
    List<Attempt> attempts = run(Lane.READ_KEPT, () -> pause(STALL_MILLIS), _ -> {});
    assertThat(attempts).extracting(Attempt::n).isSorted().doesNotHaveDuplicates();
    long late = attempts.stream().filter(a -> a.durationMicros() > 20_000).count();
    assertThat(late).isGreaterThanOrEqualTo(STALL_MILLIS * RATE / 1000 * 8 / 10);
    long stalled = attempts.stream().mapToLong(Attempt::durationMicros).max().orElseThrow();
    assertThat(stalled).isGreaterThanOrEqualTo(STALL_MILLIS * 1000);
    // The first attempt that waited was due one period later, and so waited one period less.
    assertThat(attempts.get(1).durationMicros()).isBetween((STALL_MILLIS - 30) * 1000, stalled);
  }

  @Test
  void shouldLetFreshAttemptsPassOneThatHangs() throws Exception {
    var others = new CountDownLatch(OTHERS);
    List<Attempt> attempts = run(Lane.READ_FRESH, () -> awaitAll(others), _ -> others.countDown());
    // They had passed; the last of them may be written down after the one that hung.
    assertThat(attempts.getFirst().n()).isNotEqualTo(1);
  }

  /** Runs a lane for a second; its first attempt hangs like this. */
  private List<Attempt> run(Lane lane, Runnable hang, LongConsumer other)
      throws IOException, InterruptedException {
    var hung = new AtomicBoolean();
    Attempts work =
        (_, n) -> {
          if (n == 1 && hung.compareAndSet(false, true)) {
            hang.run();
          } else {
            other.accept(n);
          }
          return Ending.ok(AnsweringServer.NONE);
        };
    Path file = folder.resolve("probe.log");
    try (var log = ProbeLogWriter.open(file)) {
      log.begin(Instant.now(), RATE);
      var stop = new StopSignal(Duration.ofSeconds(5));
      var origin = new Schedule(System.nanoTime(), RATE);
      Supplier<Session> none = () -> new Session(new NoConnections(), lane);
      var runner = new LaneRunner(lane, origin, work, none, log, stop);
      runner.start();
      assertThat(stop.await(Duration.ofSeconds(1))).isFalse();
      stop.request();
      assertThat(runner.awaitEnd(Duration.ofSeconds(5))).isTrue();
      assertThat(stop.failure()).isEmpty();
    }
    List<Attempt> attempts = ProbeLog.read(file).attempts();
    assertThat(attempts).hasSizeGreaterThanOrEqualTo(48);
    return attempts;
  }

  private static void awaitAll(CountDownLatch others) {
    try {
      assertThat(others.await(5, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The attempts of these tests need none. */
  private static final class NoConnections implements Connections {
    @Override
    public Link open(Lane lane) {
      throw new AssertionError("no connection is needed");
    }

    @Override
    public void close(Connection connection) {
      throw new AssertionError("no connection was opened");
    }
  }
}
