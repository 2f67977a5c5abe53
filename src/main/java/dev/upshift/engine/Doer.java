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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Does steps: check, journal, apply, verify, journal. What becomes of one that fails is for the
 * {@link Runner} to decide.
 */
final class Doer {
  private static final Duration LOOK_PAUSE = Duration.ofMillis(5);
  private static final Duration QUIET = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration BREATH = Duration.ofSeconds(1);

  private final Plan plan;
  private final Journal journal;
  private final Clock clock;
  private final HoldTime holdTime;
  private volatile boolean stopWanted;

  Doer(Plan plan, Journal journal, Clock clock) {
    this.plan = plan;
    this.journal = journal;
    this.clock = clock;
    this.holdTime = new HoldTime(plan.holdBudget(), clock);
  }

  /** Why a step is not done. */
  sealed interface Trouble {
    String step();

    String what();

    String hint();

    /** Its check refused; nothing of it was done. */
    record Refused(String step, String what, String hint) implements Trouble {}

    /** It failed. */
    record Failed(String step, String what, String hint) implements Trouble {}

    /** Our bug. */
    record Bug(String step, RuntimeException cause) implements Trouble {
      @Override
      public String what() {
        return "internal error: " + cause;
      }

      @Override
      public String hint() {
        return "please report it";
      }
    }
  }

  void stop() {
    stopWanted = true;
  }

  /** Whether somebody wants to stop, and clients who wait on the new side are served. */
  boolean mustStop() {
    return stopWanted && mayStop();
  }

  private boolean mayStop() {
    var progress = Progress.of(journal);
    boolean released = plan.releaseId().map(id -> progress.done(id).isPresent()).orElse(true);
    return !pastBorder() || released;
  }

  /** Whether the border was crossed: from then on there is only going on. */
  boolean pastBorder() {
    return plan.borderId().flatMap(Progress.of(journal)::started).isPresent();
  }

  /**
   * Does steps that need nothing of one another at the same time: the last on this thread, the
   * others on threads of their own. All have ended when this returns. Those that are done already
   * are not done again.
   *
   * @return what went wrong with each that failed, in their order
   */
  List<Trouble> doAll(List<StepLine<?, ?>> lines) {
    var troubles = new ArrayList<AtomicReference<Optional<Trouble>>>();
    var deaths = new AtomicReference<@Nullable Error>();
    var threads = new ArrayList<Thread>();
    for (var line : lines) {
      var trouble = new AtomicReference<Optional<Trouble>>(Optional.empty());
      troubles.add(trouble);
      Runnable work =
          () -> {
            try {
              trouble.set(does(line));
            } catch (RuntimeException e) {
              trouble.set(Optional.of(new Trouble.Bug(line.id(), e)));
            } catch (Error e) {
              deaths.compareAndSet(null, e);
            }
          };
      if (line.equals(lines.getLast())) {
        work.run();
      } else {
        threads.add(Thread.ofPlatform().daemon().start(work));
      }
    }
    threads.forEach(Doer::awaitEnd);
    var death = deaths.get();
    if (death != null) {
      throw death;
    }
    return troubles.stream().flatMap(trouble -> trouble.get().stream()).toList();
  }

  /** A wish to end is heard when the step has ended: nothing goes on behind our back. */
  private static void awaitEnd(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does a step, if it is not done already. */
  private <B extends Record, R extends Record> Optional<Trouble> does(StepLine<B, R> line) {
    var progress = Progress.of(journal);
    var done = progress.done(line.id());
    holdTime.follow(line, progress);
    if (done.isPresent()) {
      fill(line, done.get());
      return Optional.empty();
    }
    if (!pastBorder() && plan.holdBudget().passed()) {
      return Optional.of(new Trouble.Failed(line.id(), "not begun" + holdTime.usedUp(), ""));
    }
    try {
      return tryStep(line);
    } catch (WorldError e) {
      var what = e.getMessage() == null ? e.what() : e.getMessage();
      return Optional.of(new Trouble.Failed(line.id(), what, e.hint()));
    } catch (InputError e) {
      return Optional.of(new Trouble.Failed(line.id(), String.valueOf(e.getMessage()), e.hint()));
    } catch (RuntimeException e) {
      return Optional.of(new Trouble.Bug(line.id(), e));
    }
  }

  static <R extends Record> void fill(StepLine<?, R> line, Entry.Done done) {
    line.result().fill(Json.value(done.result(), line.resultType()));
  }

  /**
   * While clients wait and there is no way but on, a failure is met by trying again for a while.
   */
  private <B extends Record, R extends Record> Optional<Trouble> tryStep(StepLine<B, R> line) {
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

  private <B extends Record, R extends Record> Optional<Trouble> doStep(
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
          return Optional.of(new Trouble.Refused(line.id(), why, hint));
        }
      }
      line.step().ready();
      journal.append(
          new Entry.Started(clock.now(), line.id(), line.step().title(), Json.tree(before)));
      holdTime.follow(line, Progress.of(journal));
      // To get ready took its time: who wanted to end meanwhile wants nobody held.
      if (line.mark() == Mark.HOLD && mustStop()) {
        return Optional.of(
            new Trouble.Failed(line.id(), "nobody is held (stopped by the operator)", ""));
      }
    }
    var found = line.step().apply(before);
    var missing = await(line, found);
    if (missing.isPresent()) {
      return Optional.of(new Trouble.Failed(line.id(), missing.get(), ""));
    }
    line.result().fill(found);
    var millis = Duration.ofNanos(clock.nanos() - begin).toMillis();
    journal.append(new Entry.Done(clock.now(), line.id(), millis, Json.tree(found)));
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
      if (mustStop()) {
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
}
