package dev.upshift.probe;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Tells the lanes to end: attempts that were due by then are still made, for a bounded time. */
final class StopSignal {
  private final Duration grace;
  private final CountDownLatch requested = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile long requestedNanos;

  StopSignal(Duration grace) {
    this.grace = grace;
  }

  synchronized void request() {
    if (requested.getCount() > 0) {
      requestedNanos = System.nanoTime();
      requested.countDown();
    }
  }

  /** Ends the probe because it cannot do its work. */
  void fail(Throwable cause) {
    failure.compareAndSet(null, cause);
    request();
  }

  Optional<Throwable> failure() {
    return Optional.ofNullable(failure.get());
  }

  /** Waits until an attempt is due; false when the probe was to end before that. */
  boolean awaitDue(long dueNanos) throws InterruptedException {
    if (requested.await(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      return dueNanos - requestedNanos <= 0;
    }
    return true;
  }

  /** Waits for the request; false when the time passed without it. */
  boolean await(Duration limit) throws InterruptedException {
    return requested.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Whether attempts that have not begun are given up. */
  boolean graceIsOver() {
    return requested.getCount() == 0 && remainingGrace().isNegative();
  }

  /** What is left of the time in which attempts are still made; negative when it is over. */
  Duration remainingGrace() {
    return grace.minusNanos(System.nanoTime() - requestedNanos);
  }
}
