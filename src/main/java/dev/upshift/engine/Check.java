package dev.upshift.engine;

/** What a look before a step says. */
public sealed interface Check<B> {

  /** It can be done; this is what is there now. */
  record Ready<B>(B before) implements Check<B> {}

  /** It cannot be done. */
  record Blocked<B>(String why, String hint) implements Check<B> {}

  /** It can be done; {@code before} is what is there now. */
  static <B> Check<B> ready(B before) {
    return new Ready<>(before);
  }

  /** It cannot be done: why, and what to do. */
  static <B> Check<B> blocked(String why, String hint) {
    return new Blocked<>(why, hint);
  }
}
