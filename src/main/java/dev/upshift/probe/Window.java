package dev.upshift.probe;

import dev.upshift.probe.log.Attempt;
import java.time.Duration;
import java.time.Instant;

/**
 * A part of the run that is looked at on its own.
 *
 * @param from its begin, by the wall clock
 * @param to its end
 */
public record Window(Instant from, Instant to) {
  /** Whether the attempt was due or under way in it, from its intended time to its end. */
  boolean overlaps(Attempt attempt) {
    return !attempt.end().isBefore(from) && !attempt.intended().isAfter(to);
  }

  static Window around(Hold hold, Duration margin) {
    return new Window(hold.from().minus(margin), hold.to().plus(margin));
  }
}
