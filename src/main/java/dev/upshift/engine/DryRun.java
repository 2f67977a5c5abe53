package dev.upshift.engine;

import dev.upshift.engine.Plan.StepLine;

/**
 * Walks a plan whose collaborators only show what they would do: each step is checked and applied,
 * none is verified, nothing is journalled.
 */
public final class DryRun {

  /** Is told of each line before its effects are shown. */
  public interface Listener {
    /** This line is next. */
    void line(Plan.Line line);

    /** This step could not be done now; the walk ends here. */
    void blocked(Plan.Line line, String why, String hint);
  }

  private DryRun() {}

  /** Walks the whole plan, or up to the first step that is blocked. */
  public static void walk(Plan plan, Listener listener) {
    for (var line : plan.lines()) {
      listener.line(line);
      if (line instanceof StepLine<?, ?> step && !walk(step, listener)) {
        return;
      }
    }
  }

  private static <B extends Record, R extends Record> boolean walk(
      StepLine<B, R> line, Listener listener) {
    return switch (line.step().check()) {
      case Check.Ready<B>(var before) -> {
        line.result().fill(line.step().apply(before));
        yield true;
      }
      case Check.Blocked<B>(var why, var hint) -> {
        listener.blocked(line, why, hint);
        yield false;
      }
    };
  }
}
