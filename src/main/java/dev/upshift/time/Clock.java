package dev.upshift.time;

import java.time.Duration;
import java.time.Instant;

/**
 * The only source of time, so that tests can hold it. Positions in time are never compared across
 * machines.
 */
public interface Clock {

  /** The wall clock, for people to read; nothing is decided by it. */
  Instant now();

  /** A clock that never goes back, in nanoseconds from an arbitrary start. */
  long nanos();

  /**
   * Waits.
   *
   * @throws Interrupted when the thread is interrupted, with its interrupt flag set again
   */
  void sleep(Duration duration);

  /** The machine's clock. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }

  /** A wait was interrupted: somebody wants this process to end. */
  final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1;

    Interrupted(InterruptedException cause) {
      super("interrupted", cause);
    }
  }
}
