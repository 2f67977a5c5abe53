package dev.upshift.time;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The moment at which a wait gives up. Everything that waits is handed one: there is no wait
 * without it.
 */
public final class Deadline {
  private final Clock clock;
  private final long endNanos;
  private final Duration length;

  private Deadline(Clock clock, Duration length) {
    this.clock = clock;
    this.endNanos = clock.nanos() + length.toNanos();
    this.length = length;
  }

  /** A deadline that lies {@code length} ahead on the machine's clock. */
  public static Deadline in(Duration length) {
    return in(length, Clock.system());
  }

  /** A deadline that lies {@code length} ahead on the given clock. */
  public static Deadline in(Duration length, Clock clock) {
    return new Deadline(clock, length);
  }

  /** What is left, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, endNanos - clock.nanos()));
  }

  /** Whether nothing is left. */
  public boolean passed() {
    return clock.nanos() - endNanos >= 0;
  }

  /** How long the wait was allowed to last when it began. */
  public Duration length() {
    return length;
  }

  /** The nearer of the two. */
  public Deadline orEarlier(Deadline other) {
    return remaining().compareTo(other.remaining()) <= 0 ? this : other;
  }

  /**
   * Looks again and again until {@code condition} holds or the deadline has passed; looks at least
   * once.
   *
   * @return whether it held
   */
  public boolean until(Duration pause, BooleanSupplier condition) {
    while (true) {
      if (condition.getAsBoolean()) {
        return true;
      }
      if (passed()) {
        return false;
      }
      var left = remaining();
      clock.sleep(left.compareTo(pause) < 0 ? left : pause);
    }
  }
}
