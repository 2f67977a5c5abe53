package dev.upshift.engine;

import dev.upshift.engine.Plan.StepLine;
import dev.upshift.failure.WorldError;
import dev.upshift.journal.Entry;
import dev.upshift.journal.Journal;
import dev.upshift.journal.Json;
import dev.upshift.time.Clock;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes back what was done, and proves it: after the undo, check must find a record equal to the
 * Before that is in the journal. One step's failing undo does not keep the others from theirs.
 */
final class Undoer {
  private static final Duration SETTLE = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Plan plan;
  private final Journal journal;
  private final Clock clock;

  Undoer(Plan plan, Journal journal, Clock clock) {
    this.plan = plan;
    this.journal = journal;
    this.clock = clock;
  }

  boolean anythingPastGate() {
    var progress = Progress.of(journal);
    return plan.undoBackToGate().stream().anyMatch(line -> progress.started(line.id()).isPresent());
  }

  /** Back to the gate, clients first; then what the failed switch used up is cleared away. */
  Outcome backToGate(String why) {
    var differences = new ArrayList<String>();
    undoAll(plan.undoBackToGate(), why, differences);
    plan.holdBudget().end();
    clearSpent(why, differences);
    return new Outcome.Undone(why, differences);
  }

  /** Back to the beginning. */
  Outcome everything(String why) {
    var differences = new ArrayList<String>();
    undoAll(plan.undoBackToGate(), why, differences);
    plan.holdBudget().end();
    undoAll(plan.beforeGate().reversed(), why, differences);
    return new Outcome.Undone(why, differences);
  }

  /**
   * Asks the done steps before the gate, in order, whether their work still stands: a candidate
   * that was promoted is spent, and holds WAL on the old primary for nothing.
   */
  private void clearSpent(String why, List<String> differences) {
    var progress = Progress.of(journal);
    var spent = new ArrayList<StepLine<?, ?>>();
    for (var line : plan.beforeGate()) {
      if (progress.done(line.id()).isPresent() && !stillStands(line, progress)) {
        spent.add(line);
      }
    }
    undoAll(spent.reversed(), "spent: " + why, differences);
  }

  /** A done step whose work is not to be seen any more. */
  record Fallen(String step, String what) {}

  /** The first done step before the gate whose work is not to be seen any more. */
  Optional<Fallen> firstThatNoLongerStands() {
    var progress = Progress.of(journal);
    return plan.beforeGate().stream()
        .filter(line -> progress.done(line.id()).isPresent())
        .flatMap(line -> missing(line, progress).stream().map(what -> new Fallen(line.id(), what)))
        .findFirst();
  }

  private boolean stillStands(StepLine<?, ?> line, Progress progress) {
    return missing(line, progress).isEmpty();
  }

  /** What is not to be seen of a done step's work, also not after some waiting. */
  private <B extends Record, R extends Record> Optional<String> missing(
      StepLine<B, R> line, Progress progress) {
    var result = Json.value(progress.done(line.id()).orElseThrow().result(), line.resultType());
    var deadline = Deadline.in(SETTLE, clock);
    while (true) {
      try {
        if (!(line.step().verify(result) instanceof Verdict.NotYet(var what))) {
          return Optional.empty();
        }
        if (deadline.passed()) {
          return Optional.of(what);
        }
      } catch (WorldError e) {
        // What cannot be looked at does not stand; its undo will say more if that fails too.
        return Optional.of(e.getMessage() == null ? e.what() : e.getMessage());
      }
      clock.sleep(PAUSE);
    }
  }

  private void undoAll(List<StepLine<?, ?>> lines, String why, List<String> differences) {
    var progress = Progress.of(journal);
    var begun = lines.stream().filter(line -> progress.started(line.id()).isPresent()).toList();
    var undone = new ArrayList<StepLine<?, ?>>();
    for (var line : begun) {
      if (undo(line, progress, why, differences)) {
        undone.add(line);
      }
    }
    for (var line : undone) {
      prove(line, progress, differences);
    }
  }

  private <B extends Record, R extends Record> boolean undo(
      StepLine<B, R> line, Progress progress, String why, List<String> differences) {
    journal.append(new Entry.Undoing(clock.now(), line.id(), why));
    try {
      ((Reversible<B, R>) line.step()).undo(before(line, progress));
      journal.append(new Entry.Undone(clock.now(), line.id()));
      return true;
    } catch (WorldError e) {
      journal.append(new Entry.Failed(clock.now(), line.id(), "undo: " + e.getMessage(), e.hint()));
      differences.add(line.id() + ": could not be undone: " + e.getMessage());
      return false;
    }
  }

  private <B extends Record, R extends Record> void prove(
      StepLine<B, R> line, Progress progress, List<String> differences) {
    var before = before(line, progress);
    try {
      if (Deadline.in(SETTLE, clock)
          .until(PAUSE, () -> line.step().check().equals(Check.ready(before)))) {
        return;
      }
      differs(line, "was " + Json.line(before) + ", is " + shown(line.step().check()), differences);
    } catch (WorldError e) {
      differs(line, "could not be looked at: " + e.getMessage(), differences);
    }
  }

  private static <B> String shown(Check<B> check) {
    return switch (check) {
      case Check.Ready<B>(var now) -> Json.line(now);
      case Check.Blocked<B>(var reason, var hint) -> reason;
    };
  }

  private void differs(StepLine<?, ?> line, String what, List<String> differences) {
    journal.append(new Entry.Differs(clock.now(), line.id(), what));
    differences.add(line.id() + ": " + what);
  }

  private static <B extends Record, R extends Record> B before(
      StepLine<B, R> line, Progress progress) {
    return Json.value(progress.started(line.id()).orElseThrow().before(), line.beforeType());
  }
}
