package dev.upshift.host;

/** Where a detached program stands, read from its folder. */
public sealed interface JobState {

  /** Nothing was started there. */
  record NotStarted() implements JobState {}

  /** It runs. */
  record Running() implements JobState {}

  /** It ended by itself. */
  record Ended(int exit) implements JobState {}

  /**
   * It was started, has left no exit code and does not run: it was killed, or the machine went
   * down.
   */
  record Lost() implements JobState {}
}
