package dev.upshift.engine;

import dev.upshift.engine.Plan.GateLine;
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
import java.util.Optional;
import java.util.Set;

/**
 * Walks a plan: check, journal, apply, verify, journal. Run and resume are the same call: a line
 * that is done is skipped, a line that was started is applied again with the Before that is in the
 * journal.
 *
 * <p>A failure between gate and border is undone at once, back to the gate. Before the gate and
 * past the border, what is done stays, and the operator decides.
 */
public final class Runner {
  private static final Duration LOOK_PAUSE = Duration.ofMillis(5);
  private static final Duration QUIET = Duration.ofSeconds(2);

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BREATH = Duration.ofSeconds(1);

  /** How long a look at what was prepared is good for. */
  private static final Duration FRESH = Duration.ofSeconds(5);

  private static final String FALLEN = "what it prepared no longer stands";
  private static final String PREPARE_AGAIN =
      "mend it and go on with: upshift resume; or begin anew: upshift undo";

  private final Plan plan;
  private final Journal journal;
  private final Gate gate;
  private final Clock clock;
  private final Undoer undoer;
  private final HoldTime holdTime;
  private volatile boolean stopWanted;

  /** A runner of this plan that remembers in this journal. */
  public Runner(Plan plan, Journal journal, Gate gate, Clock clock) {
    this.plan = plan;
    this.journal = journal;
    this.gate = gate;
    this.clock = clock;
    this.undoer = new Undoer(plan, journal, clock);
    this.holdTime = new HoldTime(plan.holdBudget(), clock);
    // Now, and not when the first failure needs it while clients wait.
    var _ = plan.undoBackToGate();
  }

  /** Asks the run to stop after the effect that is under way; clients who wait are served first. */
  public void stop() {
    stopWanted = true;
  }

  /**
   * Does the lines of these phases, in the plan's order, as far as they are not done yet. An undo
   * back to the gate that was interrupted is brought to its end instead.
   */
  public Outcome run(Set<String> phases) {
    plan.lines().forEach(this::fillFromJournal);
    if (undoer.isUnfinished()) {
      return undoer.backToGate("an undo was begun and not ended");
    }
    Optional<Outcome> missing = Optional.empty();
    for (var line : plan.lines()) {
      if (!phases.contains(line.phase())) {
        missing = missing.or(() -> notDone(line));
        continue;
      }
      if (missing.isPresent()) {
        return missing.get();
      }
      var outcome = stopWanted && mayStop() ? Optional.of(stopped(line.id())) : runLine(line);
      if (outcome.isPresent()) {
        return outcome.get();
      }
    }
    return new Outcome.Completed();
  }

  /** A phase builds on all that stands before it in the plan. */
  private Optional<Outcome> notDone(Plan.Line line) {
    return line instanceof StepLine<?, ?> && Progress.of(journal).done(line.id()).isEmpty()
        ? Optional.of(
            new Outcome.Blocked(
                line.id(), "is not done", "do the phase " + line.phase() + " first"))
        : Optional.empty();
  }

  /** Takes back everything that was done, as long as the border is not crossed. */
  public Outcome undo(String why) {
    refusePastBorder();
    plan.lines().forEach(this::fillFromJournal);
    return undoer.everything(why);
  }

  /** Whether the border was crossed: from then on there is only going on. */
  public boolean pastBorder() {
    return plan.borderId().flatMap(Progress.of(journal)::started).isPresent();
  }

  /** Whether clients were held and not let go by an undo: they may be waiting now. */
  public boolean hasHeld() {
    return plan.holdId().flatMap(Progress.of(journal)::started).isPresent();
  }

  private void refusePastBorder() {
    if (pastBorder()) {
      throw new InputError(
          "the border is crossed: the new primary was opened to clients, so an undo would lose their writes",
          "go on with: upshift resume, or after a switch: upshift settle");
    }
  }

  private Optional<Outcome> runLine(Plan.Line line) {
    return switch (line) {
      case GateLine gateLine -> pass(gateLine);
      case StepLine<?, ?> stepLine -> runStep(stepLine);
    };
  }

  private void fillFromJournal(Plan.Line line) {
    if (line instanceof StepLine<?, ?> stepLine) {
      Progress.of(journal).done(stepLine.id()).ifPresent(done -> fill(stepLine, done));
    }
  }

  private static <R extends Record> void fill(StepLine<?, R> line, Entry.Done done) {
    line.result().fill(Json.value(done.result(), line.resultType()));
  }

  private Optional<Outcome> pass(GateLine line) {
    if (hasHeld()) {
      return Optional.empty();
    }
    var fallen = fallen();
    if (fallen.isPresent()) {
      return fallen;
    }
    long asked = clock.nanos();
    var answer = gate.ask(line.id(), line.question());
    if (answer.isEmpty()) {
      return Optional.of(noGo(new Outcome.NoGo(line.id())));
    }
    // The answer may have come days later.
    if (millisSince(asked) > FRESH.toMillis()) {
      fallen = fallen();
      if (fallen.isPresent()) {
        return fallen;
      }
    }
    journal.append(
        new Entry.Passed(clock.now(), line.id(), answer.get().who(), answer.get().how()));
    return Optional.empty();
  }

  /** Stops at the gate where something that was prepared no longer stands. */
  private Optional<Outcome> fallen() {
    return undoer
        .firstThatNoLongerStands()
        .map(fallen -> {
          var what = FALLEN + ": " + fallen.what();
          journal.append(new Entry.Failed(clock.now(), fallen.step(), what, PREPARE_AGAIN));
          return noGo(new Outcome.Blocked(fallen.step(), what, PREPARE_AGAIN));
        });
  }

  /** What an earlier process had begun behind the gate is taken back: nobody wants it now. */
  private Outcome noGo(Outcome outcome) {
    return undoer.anythingPastGate() ? undoer.backToGate("no go at the gate: " + outcome) : outcome;
  }

  private <B extends Record, R extends Record> Optional<Outcome> runStep(StepLine<B, R> line) {
    var progress = Progress.of(journal);
    var done = progress.done(line.id());
    holdTime.follow(line, progress);
    if (done.isPresent()) {
      fill(line, done.get());
      return Optional.empty();
    }
    if (!pastBorder() && plan.holdBudget().passed()) {
      return Optional.of(failed(line, "not begun" + holdTime.usedUp(), ""));
    }
    try {
      return tryStep(line);
    } catch (WorldError e) {
      return Optional.of(
          failed(line, e.getMessage() == null ? e.what() : e.getMessage(), e.hint()));
    } catch (InputError e) {
      return Optional.of(failed(line, String.valueOf(e.getMessage()), e.hint()));
    } catch (RuntimeException e) {
      // Our bug: clients who wait are served first, then it is reported as what it is.
      undoAfterBug(line, e);
      throw e;
    }
  }

  /**
   * While clients wait and there is no way but on, a failure is met by trying again for a while.
   */
  private <B extends Record, R extends Record> Optional<Outcome> tryStep(StepLine<B, R> line) {
    var patience = Deadline.in(PATIENCE, clock);
    while (true) {
      try {
        return doStep(line, Progress.of(journal).started(line.id()));
      } catch (WorldError e) {
        if (mayStop() || !pastBorder() || patience.passed()) {
          throw e;
        }
        journal.append(
            new Entry.Waiting(clock.now(), line.id(), "trying again: " + e.getMessage()));
        clock.sleep(BREATH);
      }
    }
  }

  private <B extends Record, R extends Record> Optional<Outcome> doStep(
      StepLine<B, R> line, Optional<Entry.Started> earlier) {
    long begin = clock.nanos();
    B before;
    // What the border checks may have changed since it was begun, and nothing comes after it.
    if (earlier.isPresent() && line.mark() != Mark.BORDER) {
      before = Json.value(earlier.get().before(), line.beforeType());
    } else {
      switch (line.step().check()) {
        case Check.Ready<B>(var found) -> before = found;
        case Check.Blocked<B>(var why, var hint) -> {
          return Optional.of(blocked(line, why, hint));
        }
      }
      line.step().ready();
      journal.append(
          new Entry.Started(clock.now(), line.id(), line.step().title(), Json.tree(before)));
      holdTime.follow(line, Progress.of(journal));
    }
    var found = line.step().apply(before);
    var missing = await(line, found);
    if (missing.isPresent()) {
      return Optional.of(failed(line, missing.get(), ""));
    }
    line.result().fill(found);
    journal.append(new Entry.Done(clock.now(), line.id(), millisSince(begin), Json.tree(found)));
    if (line.mark() == Mark.RELEASE) {
      plan.holdBudget().end();
    }
    return Optional.empty();
  }

  /** Waits until the step's effect shows. Empty when it did; otherwise what is missing. */
  private <R extends Record> Optional<String> await(StepLine<?, R> line, R found) {
    var deadline =
        pastBorder() ? Deadline.in(line.within(), clock) : plan.holdBudget().within(line.within());
    var quietUntil = Deadline.in(QUIET, clock);
    String said = "";
    while (true) {
      if (!(line.step().verify(found) instanceof Verdict.NotYet(var what))) {
        return Optional.empty();
      }
      if (deadline.passed()) {
        return Optional.of(what + holdTime.overdue(deadline));
      }
      if (stopWanted && mayStop()) {
        return Optional.of(what + " (stopped by the operator)");
      }
      if (quietUntil.passed() && !what.equals(said)) {
        journal.append(new Entry.Waiting(clock.now(), line.id(), what));
        said = what;
        quietUntil = Deadline.in(QUIET, clock);
      }
      clock.sleep(LOOK_PAUSE);
    }
  }

  private long millisSince(long begin) {
    return Duration.ofNanos(clock.nanos() - begin).toMillis();
  }

  private Outcome blocked(StepLine<?, ?> line, String why, String hint) {
    journal.append(new Entry.Failed(clock.now(), line.id(), why, hint));
    return mustUndo()
        ? undoer.backToGate(line.id() + ": " + why)
        : new Outcome.Blocked(line.id(), why, hint);
  }

  private Outcome failed(StepLine<?, ?> line, String what, String hint) {
    journal.append(new Entry.Failed(clock.now(), line.id(), what, hint));
    return mustUndo()
        ? undoer.backToGate(line.id() + ": " + what)
        : new Outcome.Failed(line.id(), what, hint);
  }

  private Outcome stopped(String at) {
    return mustUndo()
        ? undoer.backToGate("stopped by the operator before " + at)
        : new Outcome.Stopped(at);
  }

  private void undoAfterBug(StepLine<?, ?> line, RuntimeException bug) {
    try {
      journal.append(
          new Entry.Failed(clock.now(), line.id(), "internal error: " + bug, "please report it"));
      if (mustUndo()) {
        undoer.backToGate(line.id() + ": internal error: " + bug);
      }
    } catch (RuntimeException e) {
      bug.addSuppressed(e);
    }
  }

  /** Between gate and border something was begun: it is taken back without asking. */
  private boolean mustUndo() {
    return !pastBorder() && undoer.anythingPastGate();
  }

  /** Clients who wait on the new side's opening are served before a stop is obeyed. */
  private boolean mayStop() {
    var progress = Progress.of(journal);
    boolean released = plan.releaseId().map(id -> progress.done(id).isPresent()).orElse(true);
    return !pastBorder() || released;
  }
}
