package dev.upshift.engine;

/** A step that can be taken back. */
public non-sealed interface Reversible<B extends Record, R extends Record> extends Step<B, R> {

  /**
   * Brings back what {@code before} holds; safe where apply never ran or was cut short, and
   * idempotent as apply is.
   */
  void undo(B before);
}
