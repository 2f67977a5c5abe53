package dev.upshift.engine;

import org.jspecify.annotations.Nullable;

/**
 * What an earlier step found out, for later ones: filled when the step is done, or from the journal
 * when the run is resumed.
 *
 * @param <R> what it found out
 */
public final class Result<R extends Record> {
  private final String step;
  private @Nullable R value;

  Result(String step) {
    this.step = step;
  }

  /** A handle that is filled already, for tests of single steps. */
  public static <R extends Record> Result<R> of(R value) {
    var result = new Result<R>("given");
    result.fill(value);
    return result;
  }

  void fill(R found) {
    value = found;
  }

  /** What the step found out; to ask before it is done is our bug. */
  public R get() {
    if (value == null) {
      throw new IllegalStateException(
          "the result of " + step + " was asked for before it was done");
    }
    return value;
  }
}
