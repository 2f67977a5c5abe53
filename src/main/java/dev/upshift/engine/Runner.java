package dev.upshift.engine;

import dev.upshift.engine.Doer.Trouble;
import dev.upshift.engine.Plan.GateLine;
import dev.upshift.engine.Plan.StepLine;
import dev.upshift.failure.InputError;
import dev.upshift.journal.Entry;
import dev.upshift.journal.Journal;
import dev.upshift.journal.Json;
import dev.upshift.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Walks a plan: check, journal, apply, verify, journal ({@link Doer}). Run and resume are the same
 * call: a line that is done is skipped, a line that was started is applied again with the Before
 * that is in the journal.
 *
 * <p>A failure between gate and border is undone at once, back to the gate. Before the gate and
 * past the border, what is done stays, and the operator decides.
 */
public final class Runner {
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
  private final Doer doer;

  /** A runner of this plan that remembers in this journal. */
  public Runner(Plan plan, Journal journal, Gate gate, Clock clock) {
    this.plan = plan;
    this.journal = journal;
    this.gate = gate;
    this.clock = clock;
    this.undoer = new Undoer(plan, journal, clock);
    this.doer = new Doer(plan, journal, clock);
    // Now, and not when it is needed while clients wait.
    var _ = plan.undoBackToGate();
    Plan.stepsOf(plan.lines())
        .forEach(line -> {
          Json.ready(line.beforeType());
          Json.ready(line.resultType());
        });
  }

  /** Asks the run to stop after the effect that is under way; clients who wait are served first. */
  public void stop() {
    doer.stop();
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
    for (var stretch : plan.stretches()) {
      var first = stretch.getFirst();
      if (!phases.contains(first.phase())) {
        missing = missing.or(() -> notDone(stretch));
        continue;
      }
      if (missing.isPresent()) {
        return missing.get();
      }
      var outcome = doer.mustStop() ? Optional.of(stopped(first.id())) : runStretch(stretch);
      if (outcome.isPresent()) {
        return outcome.get();
      }
    }
    return new Outcome.Completed();
  }

  /** A phase builds on all that stands before it in the plan. */
  private Optional<Outcome> notDone(List<Plan.Line> stretch) {
    var progress = Progress.of(journal);
    return Plan.stepsOf(stretch).stream()
        .filter(line -> progress.done(line.id()).isEmpty())
        .findFirst()
        .map(line ->
            new Outcome.Blocked(
                line.id(), "is not done", "do the phase " + line.phase() + " first"));
  }

  /** Takes back everything that was done, as long as the border is not crossed. */
  public Outcome undo(String why) {
    refusePastBorder();
    plan.lines().forEach(this::fillFromJournal);
    return undoer.everything(why);
  }

  /** Whether the border was crossed: from then on there is only going on. */
  public boolean pastBorder() {
    return doer.pastBorder();
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

  private Optional<Outcome> runStretch(List<Plan.Line> stretch) {
    return stretch.getFirst() instanceof GateLine gateLine
        ? pass(gateLine)
        : meet(doer.doAll(Plan.stepsOf(stretch)));
  }

  private void fillFromJournal(Plan.Line line) {
    if (line instanceof StepLine<?, ?> stepLine) {
      Progress.of(journal).done(stepLine.id()).ifPresent(done -> Doer.fill(stepLine, done));
    }
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

  /** The first that failed decides; but a bug of ours is reported as what it is. */
  private Optional<Outcome> meet(List<Trouble> troubles) {
    var bugs = new ArrayList<Trouble.Bug>();
    for (var trouble : troubles) {
      if (trouble instanceof Trouble.Bug bug) {
        bugs.add(bug);
      } else {
        write(trouble);
      }
    }
    if (bugs.isEmpty()) {
      return troubles.stream().findFirst().map(this::met);
    }
    var first = bugs.removeFirst();
    bugs.forEach(other -> first.cause().addSuppressed(other.cause()));
    undoAfterBug(first);
    throw first.cause();
  }

  private void write(Trouble trouble) {
    journal.append(new Entry.Failed(clock.now(), trouble.step(), trouble.what(), trouble.hint()));
  }

  private Outcome met(Trouble trouble) {
    if (mustUndo()) {
      return undoer.backToGate(trouble.step() + ": " + trouble.what());
    }
    return trouble instanceof Trouble.Refused
        ? new Outcome.Blocked(trouble.step(), trouble.what(), trouble.hint())
        : new Outcome.Failed(trouble.step(), trouble.what(), trouble.hint());
  }

  private long millisSince(long begin) {
    return Duration.ofNanos(clock.nanos() - begin).toMillis();
  }

  private Outcome stopped(String at) {
    return mustUndo()
        ? undoer.backToGate("stopped by the operator before " + at)
        : new Outcome.Stopped(at);
  }

  /** Clients who wait are served first. */
  private void undoAfterBug(Trouble.Bug bug) {
    try {
      write(bug);
      if (mustUndo()) {
        undoer.backToGate(bug.step() + ": " + bug.what());
      }
    } catch (RuntimeException e) {
      bug.cause().addSuppressed(e);
    }
  }

  /** Between gate and border something was begun: it is taken back without asking. */
  private boolean mustUndo() {
    return !pastBorder() && undoer.anythingPastGate();
  }
}
