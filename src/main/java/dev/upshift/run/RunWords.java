package dev.upshift.run;

/** The words in which a run's result is told to programs; stable. */
final class RunWords {
  static final String UPGRADED = "upgraded";
  static final String PREPARED = "prepared";
  static final String SWITCHED = "switched";
  static final String UNDONE = "undone";
  static final String REMOVED = "removed";
  static final String FAILED = "failed";
  static final String INTERRUPTED = "interrupted";
  static final String NO_GO = "no-go";
  static final String BLOCKED = "blocked";

  private RunWords() {}
}
