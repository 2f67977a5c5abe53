package dev.upshift.engine;

/** A step that can be taken back. */
public non-sealed interface Reversible<B extends Record, R extends Record> extends Step<B, R> {

  /**
   * Brings back what {@code before} holds; safe where apply never ran or was cut short, and
   * idempotent as apply is.
   */
  void undo(B before);

  /**
   * Whether what check finds after an undo is what there was before. A step that looks at machines
   * of which some may be away overrides it: one that has come back since is no difference.
   */
  default boolean isAsBefore(B before, B now) {
    return before.equals(now);
  }
}
