package dev.upshift.probe;

import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.ProbeLogWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * One lane, on threads of its own: an attempt that hangs delays no other lane. Open loop: an
 * attempt is due at its time whatever happened to the one before, is never left out, and its
 * duration is counted from that time.
 *
 * <p>Platform threads, because looking up a name blocks the carrier of a virtual one.
 */
final class LaneRunner {
  private static final int MAX_UNDER_WAY = 64;

  private final Lane lane;
  private final Schedule schedule;
  private final Attempts attempts;
  private final Supplier<Session> sessions;
  private final ProbeLogWriter log;
  private final StopSignal stop;
  private final Schedule origin;
  private final ThreadPoolExecutor threads;
  private final Thread ticker;

  /** {@code origin} begins where the log's ticks are counted from. */
  LaneRunner(
      Lane lane,
      Schedule origin,
      Attempts attempts,
      Supplier<Session> sessions,
      ProbeLogWriter log,
      StopSignal stop) {
    this.lane = lane;
    this.origin = origin;
    this.schedule = origin.shifted(List.of(Lane.values()).indexOf(lane), Lane.values().length);
    this.attempts = attempts;
    this.sessions = sessions;
    this.log = log;
    this.stop = stop;
    int limit = lane.kept() ? 1 : MAX_UNDER_WAY;
    var number = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            limit,
            limit,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> daemon(task, lane.id() + "-" + number.incrementAndGet()));
    this.ticker = daemon(this::handOut, lane.id());
  }

  private static Thread daemon(Runnable task, String name) {
    var thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  void start() {
    ticker.start();
  }

  /** Waits until every attempt that was due has ended; false when the time passed before. */
  boolean awaitEnd(Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    ticker.join(Math.max(1, limit.toMillis()));
    return threads.awaitTermination(
        Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  private void handOut() {
    try {
      Session kept = sessions.get();
      long first = log.firstNumber(lane);
      for (long index = 0; stop.awaitDue(schedule.intendedNanos(index)); index++) {
        long n = first + index;
        long intendedNanos = schedule.intendedNanos(index);
        threads.execute(() -> guarded(() -> attempt(kept, n, intendedNanos)));
      }
      threads.execute(kept::close);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      stop.fail(e);
    } finally {
      threads.shutdown();
    }
  }

  /** A failure of our own ends the probe: a log with holes would be a lie. */
  private void guarded(Runnable attempt) {
    try {
      attempt.run();
    } catch (RuntimeException | Error e) {
      stop.fail(e);
    }
  }

  private void attempt(Session kept, long n, long intendedNanos) {
    if (lane.kept()) {
      attemptOn(kept, n, intendedNanos);
      return;
    }
    try (Session session = sessions.get()) {
      attemptOn(session, n, intendedNanos);
    }
  }

  private void attemptOn(Session session, long n, long intendedNanos) {
    long startNanos = System.nanoTime();
    long startMicros = wallMicros();
    long intendedMicros = startMicros - (startNanos - intendedNanos) / 1000;
    Ending ending;
    if (stop.graceIsOver()) {
      ending = Ending.probeStopped();
    } else {
      if (lane.writes()) {
        log.invoke(lane, n, intendedMicros, startMicros);
      }
      ending = attempts.attempt(session, n);
    }
    long endNanos = System.nanoTime();
    log.result(
        new Attempt(
            0,
            lane,
            n,
            intendedMicros,
            startMicros,
            wallMicros(),
            (endNanos - intendedNanos) / 1000,
            (endNanos - origin.beginNanos()) / 1000,
            ending.outcome(),
            ending.state(),
            ending.reconnects(),
            ending.server()));
  }

  static long wallMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
