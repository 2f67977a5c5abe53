package dev.upshift.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Plan.StepLine;
import dev.upshift.journal.Json;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The law of {@link Step}, asked of a step in the real world. It stands in this package because it
 * fills result handles.
 */
public final class StepLaw {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private StepLaw() {}

  /** The steps between gate and border, in the order in which the plan undoes them. */
  public static List<StepLine<?, ?>> undoOrder(Plan plan) {
    return plan.undoBackToGate();
  }

  /** Whether the step can be taken back. */
  public static boolean isReversible(StepLine<?, ?> line) {
    return line.step() instanceof Reversible;
  }

  /**
   * What check sees; it must be ready, and must come back from JSON as it went, for a journal holds
   * it.
   */
  public static <B extends Record, R extends Record> Record before(StepLine<B, R> line) {
    var check = line.step().check();
    assertThat(check).as("%s: check", line.id()).isInstanceOf(Check.Ready.class);
    var before = ((Check.Ready<B>) check).before();
    assertThat(Json.value(Json.tree(before), line.beforeType()))
        .as("%s: Before in the journal", line.id())
        .isEqualTo(before);
    return before;
  }

  /** Undo, and what check sees then: as before. */
  public static <B extends Record, R extends Record> void undoRestores(
      StepLine<B, R> line, Record before, String when) {
    ((Reversible<B, R>) line.step()).undo(line.beforeType().cast(before));
    assertRestored(line, before, when);
  }

  /** What check sees is as it was before. */
  public static <B extends Record, R extends Record> void assertRestored(
      StepLine<B, R> line, Record before, String when) {
    Deadline.in(LIMIT).until(PAUSE, () -> line.step().check().equals(Check.ready(before)));
    assertThat((Object) line.step().check())
        .as("%s: check %s", line.id(), when)
        .isEqualTo(Check.ready(before));
  }

  /**
   * Apply, and again as a resumed run does it: each time verify must see the effect, also in a
   * result that comes from a journal.
   */
  public static <B extends Record, R extends Record> void applyIsIdempotent(
      StepLine<B, R> line, Record before) {
    var first = line.step().apply(line.beforeType().cast(before));
    assertDone(line, first, "after apply");
    var second = line.step().apply(line.beforeType().cast(before));
    assertDone(line, second, "after a second apply");
    var fromJournal = Json.value(Json.tree(second), line.resultType());
    assertThat(fromJournal).as("%s: result in the journal", line.id()).isEqualTo(second);
    line.result().fill(fromJournal);
  }

  private static <B extends Record, R extends Record> void assertDone(
      StepLine<B, R> line, R result, String when) {
    var seen = new AtomicReference<>(line.step().verify(result));
    Deadline.in(LIMIT)
        .until(
            PAUSE,
            () -> {
              seen.set(line.step().verify(result));
              return seen.get() instanceof Verdict.Ok;
            });
    assertThat(seen.get()).as("%s: verify %s", line.id(), when).isEqualTo(Verdict.ok());
  }
}
