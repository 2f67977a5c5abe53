package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Standby;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;

/**
 * Makes the candidate: an extra standby of the old version under a physical slot, isolated from its
 * first start.
 *
 * @param lagLimitBytes how close it must have come to the primary to count as made
 */
public record ProvisionCandidate(Standby candidate, PgServer primary, long lagLimitBytes)
    implements Reversible<Nothing, Nothing> {
  private static final Duration COPY_LIMIT = Duration.ofDays(2);
  private static final Duration START_LIMIT = Duration.ofMinutes(30);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  @Override
  public String title() {
    return "Provision the candidate " + candidate.server().label() + " from " + candidate.source();
  }

  @Override
  public Check<Nothing> check() {
    if (Replication.slot(primary, candidate.slot()).isPresent()) {
      return Check.blocked(
          "the replication slot " + candidate.slot() + " exists on " + primary.label(),
          "does another run use it? otherwise drop it");
    }
    return FreePlace.check(List.of(candidate.server()));
  }

  @Override
  public Nothing apply(Nothing before) {
    if (!candidate.server().isRunning()) {
      candidate.copy(Deadline.in(COPY_LIMIT));
      candidate.configure(candidate.isolation());
      candidate.server().start(Deadline.in(START_LIMIT));
    }
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    return follows(candidate, primary, lagLimitBytes);
  }

  /** Whether the candidate streams, and is close to the primary. */
  static Verdict follows(Standby candidate, PgServer primary, long lagLimitBytes) {
    if (!candidate.streams()) {
      return Verdict.notYet(
          candidate.server().label() + " does not stream from " + primary.label());
    }
    long lagBytes = candidate.lagBytes();
    return Verdict.of(
        lagBytes <= lagLimitBytes,
        candidate.server().label()
            + " is "
            + lagBytes
            + " bytes behind, more than "
            + lagLimitBytes);
  }

  @Override
  public void undo(Nothing before) {
    candidate.remove(Deadline.in(STOP_LIMIT));
  }
}
