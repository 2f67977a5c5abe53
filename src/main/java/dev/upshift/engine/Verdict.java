package dev.upshift.engine;

/** What a look after a step says. */
public sealed interface Verdict {

  /** It is done. */
  record Ok() implements Verdict {}

  /** It is not to be seen yet. */
  record NotYet(String what) implements Verdict {}

  /** It is done. */
  static Verdict ok() {
    return new Ok();
  }

  /** It is not to be seen yet: {@code what} is missing. */
  static Verdict notYet(String what) {
    return new NotYet(what);
  }

  /** Done if the condition holds. */
  static Verdict of(boolean done, String otherwise) {
    return done ? ok() : notYet(otherwise);
  }
}
