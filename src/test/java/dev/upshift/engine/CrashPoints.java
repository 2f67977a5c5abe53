package dev.upshift.engine;

/** Counts every call to the outside, and ends the process at the one it was told. */
final class CrashPoints {
  private static final int NEVER = -1;
  private int countdown = NEVER;
  private int passed;

  /** What the death of the process looks like from inside: nobody may catch it. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1;

    Crash() {
      super("the process died", null, false, false);
    }
  }

  /** The process dies at the {@code point}th call from now on; the first is 1. */
  void crashAt(int point) {
    countdown = point;
  }

  /** It does not die any more. */
  void calm() {
    countdown = NEVER;
  }

  /** How many calls went by in all. */
  int passed() {
    return passed;
  }

  /** One call to the outside. */
  void pass() {
    passed++;
    if (countdown > 0 && --countdown == 0) {
      countdown = NEVER;
      throw new Crash();
    }
  }
}
