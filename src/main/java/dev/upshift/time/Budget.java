package dev.upshift.time;

import java.time.Duration;
import java.util.Optional;

/**
 * How long clients may be held in all: it begins with the first held statement and ends with the
 * release. Steps between the two ask it for their deadlines, so that none of them can outlast it.
 */
public final class Budget {
  private static final Duration MOMENT = Duration.ofMillis(500);
  private static final Duration OVERDUE = Duration.ofSeconds(5);

  private final Duration limit;
  private final Clock clock;
  private volatile Optional<Deadline> end = Optional.empty();

  /** A budget that has not begun. */
  public Budget(Duration limit, Clock clock) {
    this.limit = limit;
    this.clock = clock;
  }

  /** The whole of it. */
  public Duration limit() {
    return limit;
  }

  /** Clients are held from now on, or have been for {@code alreadySpent} when a run is resumed. */
  public void begin(Duration alreadySpent) {
    var left = limit.minus(alreadySpent);
    end = Optional.of(Deadline.in(left.isNegative() ? Duration.ZERO : left, clock));
  }

  /** Clients are no longer held. */
  public void end() {
    end = Optional.empty();
  }

  /** Whether clients are held and the budget is used up. */
  public boolean passed() {
    return end.map(Deadline::passed).orElse(false);
  }

  /** What is left of it, never negative; empty while nobody is held. */
  public Optional<Duration> left() {
    return end.map(Deadline::remaining);
  }

  /**
   * How long somebody may be waited for who usually may take {@code usual}: while clients are held,
   * not longer than they may be, with a moment at least. Where the time is used up, letting them go
   * on again is what is waited for, and that may take its while.
   */
  public Duration patience(Duration usual) {
    return left()
        .map(left -> left.isZero() ? OVERDUE : left.compareTo(MOMENT) < 0 ? MOMENT : left)
        .filter(most -> most.compareTo(usual) < 0)
        .orElse(usual);
  }

  /** A deadline of the given length, or what is left of the budget where that is less. */
  public Deadline within(Duration length) {
    var own = Deadline.in(length, clock);
    return end.map(own::orEarlier).orElse(own);
  }
}
