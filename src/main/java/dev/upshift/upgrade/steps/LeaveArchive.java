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
 * Takes away the candidate's restore_command, where it has one: a promotion asks it for the history
 * of timelines and for the last segment once more (findNewestTimeLine and XLogFileReadAnyTLI), and
 * this one is promoted while writers wait. From here on its slot keeps all that it needs.
 *
 * @param lagLimitBytes how close it must have come to the primary again
 */
public record LeaveArchive(Standby candidate, PgServer primary, long lagLimitBytes)
    implements Reversible<Nothing, Nothing> {
  private static final Duration START_LIMIT = Duration.ofMinutes(30);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  @Override
  public String title() {
    return "Let the candidate " + candidate.server().label() + " ask no archive";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    var server = candidate.server();
    if (!server.isRunning() || candidate.asksArchive()) {
      server.stop(PgServer.Stop.FAST, Deadline.in(STOP_LIMIT));
      candidate.forgetArchive();
      server.start(Deadline.in(START_LIMIT));
    }
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    return ProvisionCandidate.follows(candidate, primary, lagLimitBytes);
  }

  /** The candidate goes as a whole. */
  @Override
  public void undo(Nothing before) {}
}
