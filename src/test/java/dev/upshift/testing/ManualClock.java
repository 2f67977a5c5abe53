package dev.upshift.testing;

import dev.upshift.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** A clock that stands still until somebody sleeps by it or moves it on. */
public final class ManualClock implements Clock {
  private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");
  private Duration passed = Duration.ZERO;

  @Override
  public Instant now() {
    return START.plus(passed);
  }

  @Override
  public long nanos() {
    return passed.toNanos();
  }

  @Override
  public void sleep(Duration duration) {
    moveOn(duration);
  }

  /** That much later. */
  public void moveOn(Duration duration) {
    passed = passed.plus(duration);
  }
}
