package dev.upshift.engine;

import dev.upshift.engine.Plan.Mark;
import dev.upshift.engine.Plan.StepLine;
import dev.upshift.journal.Entry;
import dev.upshift.time.Budget;
import dev.upshift.time.Clock;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.time.Instant;

/** Keeps the budget of the write hold: it begins with the hold line and ends with the release. */
final class HoldTime {
  private final Budget budget;
  private final Clock clock;

  HoldTime(Budget budget, Clock clock) {
    this.budget = budget;
    this.clock = clock;
  }

  /**
   * Begins the budget with the hold line, as of the moment that the journal gives, be it an earlier
   * process's; ends it with the release.
   */
  void follow(StepLine<?, ?> line, Progress progress) {
    if (line.mark() == Mark.HOLD) {
      progress.started(line.id()).map(Entry.Started::at).ifPresent(at -> budget.begin(since(at)));
    }
    if (line.mark() == Mark.RELEASE && progress.done(line.id()).isPresent()) {
      budget.end();
    }
  }

  private Duration since(Instant at) {
    var age = Duration.between(at, clock.now());
    return age.isNegative() ? Duration.ZERO : age;
  }

  /** Why a wait was given up at this deadline. */
  String overdue(Deadline deadline) {
    return budget.passed() ? usedUp() : " after " + deadline.length().toSeconds() + " s";
  }

  String usedUp() {
    return "; the write hold has used up its budget of " + budget.limit().toSeconds() + " s";
  }
}
