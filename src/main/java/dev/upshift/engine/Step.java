package dev.upshift.engine;

/**
 * One thing that is done to the world, and how it is taken back.
 *
 * <p>The law, which every step obeys and a test asks of each: <b>apply is idempotent</b>. A run can
 * die at any instant and be resumed, so apply may find its work not begun, half done or done; it
 * looks at the present world, and a repeated apply returns an equally valid result. {@code check}
 * and {@code verify} only read. Undo is safe where apply never ran.
 *
 * <p>A step has no logging, no retry, no flag: dry run, rehearsal and test swap its collaborators.
 *
 * @param <B> what undo will need of the world as it was before ("Before"); on disk before apply
 *     begins, and never read anew
 * @param <R> what apply found out and later steps need; what can be read from the world again is
 *     not in it
 */
public sealed interface Step<B extends Record, R extends Record> permits Reversible, Forward {

  /** What it does, to which host, in the operator's words. */
  String title();

  /** Looks whether the step can be done, and what is there now. */
  Check<B> check();

  /**
   * Gets ready what apply and the steps after it will need, so that nobody waits for that while
   * they are done: sessions, files that nobody reads yet, practice that nobody feels. Right before
   * apply, once, and before anything of the step stands in the journal: so it may do only what does
   * no harm where a killed process leaves it. What is not used of it in the end is thrown away by
   * the step itself.
   *
   * @throws dev.upshift.failure.WorldError when a host or server fails; then nothing is left of it
   */
  default void ready() {}

  /**
   * Does it.
   *
   * @throws dev.upshift.failure.WorldError when a host or server fails
   */
  R apply(B before);

  /**
   * Looks at the world, never at memory: is it done? Asked again until it says so or the line's
   * time is over.
   */
  Verdict verify(R result);
}
