package dev.upshift.engine;

/**
 * Counts every call to the outside, and ends the process at the one it was told: with it ends what
 * it does at the same time on other threads.
 */
final class CrashPoints {
  private static final int NEVER = -1;
  private int countdown = NEVER;
  private int passed;
  private boolean dead;

  /** What the death of the process looks like from inside: nobody may catch it. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1;

    Crash() {
      super("the process died", null, false, false);
    }
  }

  /** The process dies at the {@code point}th call from now on; the first is 1. */
  synchronized void crashAt(int point) {
    countdown = point;
  }

  /** The next process: it does not die. */
  synchronized void calm() {
    countdown = NEVER;
    dead = false;
  }

  /** How many calls went by in all. */
  synchronized int passed() {
    return passed;
  }

  /** One call to the outside. */
  synchronized void pass() {
    passed++;
    if (countdown > 0 && --countdown == 0) {
      countdown = NEVER;
      dead = true;
    }
    if (dead) {
      throw new Crash();
    }
  }
}
