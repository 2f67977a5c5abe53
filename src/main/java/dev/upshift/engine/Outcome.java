package dev.upshift.engine;

import java.util.List;

/** How a process's part of a run came to its end. */
public sealed interface Outcome {

  /** Everything that was asked for is done. */
  record Completed() implements Outcome {}

  /** Nobody said go; nothing that clients feel was begun. */
  record NoGo(String gate) implements Outcome {}

  /** The operator stopped it between two steps. */
  record Stopped(String after) implements Outcome {}

  /** A step's check refused; nothing of that step was done. */
  record Blocked(String step, String why, String hint) implements Outcome {}

  /** A step failed, and what is done stays done until somebody says resume or undo. */
  record Failed(String step, String what, String hint) implements Outcome {}

  /**
   * What was done is taken back and the old side serves.
   *
   * @param why the failure that led to it, or the operator's wish
   * @param differences what is not as it was before; empty means the undo is proved
   */
  record Undone(String why, List<String> differences) implements Outcome {}
}
