package dev.upshift.engine;

import dev.upshift.engine.Plan.Mark;
import dev.upshift.engine.Plan.StepLine;
import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.journal.Entry;
import dev.upshift.journal.Journal;
import dev.upshift.journal.Json;
import dev.upshift.time.Clock;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes back what was done, and proves it: after the undo, check must find a record equal to the
 * Before that is in the journal. One step's failing undo does not keep the others from theirs.
 */
final class Undoer {
  private static final Duration SETTLE = Duration.ofSeconds(10);
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

  /**
   * Whether an undo back to the gate was begun and did not come to its end. Nothing may go forward
   * from there: the old side may serve again while later steps, a proof of completeness among them,
   * still count as done.
   */
  boolean isUnfinished() {
    var pastGate = plan.undoBackToGate().stream().map(StepLine::id).collect(Collectors.toSet());
    var standing = new HashSet<String>();
    boolean begun = false;
    for (var entry : journal.entries()) {
      switch (entry) {
        case Entry.Started e when pastGate.contains(e.step()) -> standing.add(e.step());
        case Entry.Undoing e when pastGate.contains(e.step()) -> begun = true;
        case Entry.Undone e when pastGate.contains(e.step()) -> standing.remove(e.step());
        default -> {}
      }
      begun = begun && !standing.isEmpty();
    }
    return begun;
  }

  /** Back to the gate, clients first; then what the failed switch used up is cleared away. */
  Outcome backToGate(String why) {
    var attempt = new Attempt(why);
    undoAll(plan.undoBackToGate(), attempt);
    plan.holdBudget().end();
    clearSpent(attempt);
    return attempt.outcome();
  }

  /** Back to the beginning. */
  Outcome everything(String why) {
    var attempt = new Attempt(why);
    undoAll(plan.undoBackToGate(), attempt);
    plan.holdBudget().end();
    undoAll(plan.beforeGate().reversed(), attempt);
    return attempt.outcome();
  }

  /** One undo: why, what came of it, and the first bug of ours that it met. */
  private static final class Attempt {
    private final String why;
    private final List<String> differences = new ArrayList<>();
    private @Nullable RuntimeException bug;

    Attempt(String why) {
      this.why = why;
    }

    void differs(String what) {
      differences.add(what);
    }

    void bug(RuntimeException e) {
      if (bug == null) {
        bug = e;
      } else {
        bug.addSuppressed(e);
      }
    }

    /** Everything that could be undone is: now a bug is reported as what it is. */
    Outcome outcome() {
      if (bug != null) {
        throw bug;
      }
      return new Outcome.Undone(why, differences);
    }
  }

  /**
   * Asks the done steps before the gate, in order, whether their work still stands: a candidate
   * that was promoted is spent, and holds WAL on the old primary for nothing. What was built on a
   * fallen step falls with it, and so does what had gone into that, until all that is left stands.
   */
  private void clearSpent(Attempt attempt) {
    var tried = new HashSet<String>();
    for (var fallen = firstThatNoLongerStands();
        fallen.isPresent() && tried.add(fallen.get().step());
        fallen = firstThatNoLongerStands()) {
      var first = fallen.get().step();
      if (!fallen.get().seen()) {
        // Days of work are not torn down because a server did not answer for a moment; the gate
        // looks at it again.
        var what = "could not be looked at: " + fallen.get().what();
        journal.append(new Entry.Waiting(clock.now(), first, what));
        return;
      }
      var spent = plan.beforeGate().stream().dropWhile(line -> !line.id().equals(first)).toList();
      undoAll(spent.reversed(), "spent: " + attempt.why, attempt);
    }
  }

  /**
   * A done step whose work is not to be seen any more.
   *
   * @param seen whether it could be looked at
   */
  record Fallen(String step, String what, boolean seen) {}

  /** The first done step before the gate whose work is not to be seen any more. */
  Optional<Fallen> firstThatNoLongerStands() {
    var progress = Progress.of(journal);
    return plan.beforeGate().stream()
        .filter(line -> isToStand(line, progress))
        .flatMap(line -> missing(line, progress).stream())
        .findFirst();
  }

  /** Done, and not gone into the work of a later one that is done. */
  private boolean isToStand(StepLine<?, ?> line, Progress progress) {
    return progress.done(line.id()).isPresent()
        && plan.usedUpBy().entrySet().stream()
            .noneMatch(later ->
                later.getValue().contains(line.id()) && progress.done(later.getKey()).isPresent());
  }

  /** What is not to be seen of a done step's work, also not after some waiting. */
  private <B extends Record, R extends Record> Optional<Fallen> missing(
      StepLine<B, R> line, Progress progress) {
    var result = Json.value(progress.done(line.id()).orElseThrow().result(), line.resultType());
    var deadline = Deadline.in(SETTLE, clock);
    while (true) {
      var fallen = look(line, result);
      if (fallen.isEmpty() || deadline.passed()) {
        return fallen;
      }
      clock.sleep(PAUSE);
    }
  }

  private static <B extends Record, R extends Record> Optional<Fallen> look(
      StepLine<B, R> line, R result) {
    try {
      return line.step().verify(result) instanceof Verdict.NotYet(var what)
          ? Optional.of(new Fallen(line.id(), what, true))
          : Optional.empty();
    } catch (WorldError | InputError e) {
      return Optional.of(new Fallen(line.id(), String.valueOf(e.getMessage()), false));
    }
  }

  private void undoAll(List<StepLine<?, ?>> lines, Attempt attempt) {
    undoAll(lines, attempt.why, attempt);
  }

  private void undoAll(List<StepLine<?, ?>> lines, String why, Attempt attempt) {
    var progress = Progress.of(journal);
    var begun = lines.stream().filter(line -> progress.started(line.id()).isPresent()).toList();
    var undone = new ArrayList<StepLine<?, ?>>();
    for (var line : begun) {
      if (undo(line, progress, why, attempt)) {
        undone.add(line);
      }
    }
    for (var line : undone) {
      prove(line, progress, attempt);
    }
  }

  private <B extends Record, R extends Record> boolean undo(
      StepLine<B, R> line, Progress progress, String why, Attempt attempt) {
    journal.append(new Entry.Undoing(clock.now(), line.id(), why));
    try {
      ((Reversible<B, R>) line.step()).undo(before(line, progress));
    } catch (WorldError e) {
      couldNot(line, String.valueOf(e.getMessage()), e.hint(), attempt);
      return false;
    } catch (InputError e) {
      couldNot(line, String.valueOf(e.getMessage()), e.hint(), attempt);
      return false;
    } catch (RuntimeException e) {
      couldNot(line, "internal error: " + e, "please report it", attempt);
      attempt.bug(e);
      return false;
    }
    journal.append(new Entry.Undone(clock.now(), line.id()));
    if (line.mark() == Mark.HOLD) {
      // Nobody waits any more: what is left to be undone may take its time.
      plan.holdBudget().end();
    }
    return true;
  }

  private void couldNot(StepLine<?, ?> line, String what, String hint, Attempt attempt) {
    journal.append(new Entry.Failed(clock.now(), line.id(), "undo: " + what, hint));
    attempt.differs(line.id() + ": could not be undone: " + what);
  }

  private <B extends Record, R extends Record> void prove(
      StepLine<B, R> line, Progress progress, Attempt attempt) {
    var before = before(line, progress);
    try {
      if (Deadline.in(SETTLE, clock).until(PAUSE, () -> isAsBefore(line, before))) {
        return;
      }
      differs(line, "was " + Json.line(before) + ", is " + shown(line.step().check()), attempt);
    } catch (WorldError | InputError e) {
      differs(line, "could not be looked at: " + e.getMessage(), attempt);
    } catch (RuntimeException e) {
      differs(line, "could not be looked at: internal error: " + e, attempt);
      attempt.bug(e);
    }
  }

  private static <B extends Record, R extends Record> boolean isAsBefore(
      StepLine<B, R> line, B before) {
    return line.step().check() instanceof Check.Ready<B>(var now)
        && ((Reversible<B, R>) line.step()).isAsBefore(before, now);
  }

  private static <B> String shown(Check<B> check) {
    return switch (check) {
      case Check.Ready<B>(var now) -> Json.line(now);
      case Check.Blocked<B>(var reason, var hint) -> reason;
    };
  }

  private void differs(StepLine<?, ?> line, String what, Attempt attempt) {
    journal.append(new Entry.Differs(clock.now(), line.id(), what));
    attempt.differs(line.id() + ": " + what);
  }

  private static <B extends Record, R extends Record> B before(
      StepLine<B, R> line, Progress progress) {
    return Json.value(progress.started(line.id()).orElseThrow().before(), line.beforeType());
  }
}
