package dev.upshift.cli;

/** What the process's exit code says; stable. */
public enum ExitCode {
  DONE(0),
  /** The operator's input is wrong. */
  INPUT(2),
  /** A host, a server or the network failed. */
  WORLD(3),
  /** A step failed, and resume or undo is possible now. */
  STEP_FAILED(4),
  /** Undone: the old side serves. */
  UNDONE(5),
  /** A check blocks. */
  BLOCKED(6),
  /** Consent is missing; nothing was changed. */
  NO_CONSENT(7),
  INTERRUPTED(8),
  /** Our bug. */
  BUG(70);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** The number. */
  public int number() {
    return number;
  }
}
