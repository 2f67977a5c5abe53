package dev.upshift.probe;

import java.util.concurrent.TimeUnit;

/**
 * When attempts are due: at a fixed rate, whatever becomes of them.
 *
 * @param beginNanos when the first is due, by the monotonic clock
 * @param rate attempts a second
 */
record Schedule(long beginNanos, int rate) {
  /** When attempt {@code index} is due, counted from 0. Computed from the start: does not drift. */
  long intendedNanos(long index) {
    return beginNanos + index * TimeUnit.SECONDS.toNanos(1) / rate;
  }

  /** The same rate, begun later by a part of its period. */
  Schedule shifted(int part, int parts) {
    return new Schedule(beginNanos + TimeUnit.SECONDS.toNanos(1) / rate * part / parts, rate);
  }
}
