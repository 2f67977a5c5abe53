package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Standby;
import dev.upshift.time.Deadline;
import java.time.Duration;

/**
 * Stops the candidate where it is consistent, before the slots are made: running on, it would
 * replay past the position from which they send (DESIGN.md §6, fact 6). Its own slot keeps the WAL
 * that it will need.
 */
public record StopCandidate(Standby candidate) implements Reversible<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String STOPPED = "shut down in recovery";

  @Override
  public String title() {
    return "Stop the candidate " + candidate.server().label() + " at a consistent point";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    candidate.server().stop(PgServer.Stop.FAST, Deadline.in(LIMIT));
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    if (candidate.server().isRunning()) {
      return Verdict.notYet(candidate.server().label() + " still runs");
    }
    var state = candidate.server().control().state();
    return Verdict.of(state.equals(STOPPED), candidate.server().label() + " is '" + state + "'");
  }

  /** It is a standby still: where it was not led on, it follows again. */
  @Override
  public void undo(Nothing before) {
    if (candidate.isStandby()) {
      candidate.server().start(Deadline.in(LIMIT));
    }
  }
}
