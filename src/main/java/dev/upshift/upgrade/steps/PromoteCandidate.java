package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.host.Command;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Budget;
import dev.upshift.time.Deadline;
import java.time.Duration;

/**
 * Makes the candidate a primary of its own, for pg_upgrade refuses a cluster that was shut down in
 * recovery. From here on it is spent: it can follow nobody again, and an undo ends and marks it.
 */
public record PromoteCandidate(PgServer candidate, Budget hold)
    implements Reversible<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Override
  public String title() {
    return "Promote the candidate " + candidate.label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    if (isStandby()) {
      var seconds = Math.max(1, hold.within(LIMIT).remaining().toSeconds());
      candidate
          .host()
          .run(
              Command.of(
                      candidate.program("pg_ctl"),
                      "promote",
                      "-D",
                      candidate.data(),
                      "-w",
                      "-t",
                      seconds)
                  .within(LIMIT));
    }
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    return Verdict.of(
        candidate.isRunning() && !candidate.isInRecovery(),
        candidate.label() + " is not a primary yet");
  }

  @Override
  public void undo(Nothing before) {
    if (candidate.exists() && !isStandby()) {
      candidate.stop(PgServer.Stop.IMMEDIATE, Deadline.in(LIMIT));
      candidate
          .host()
          .replaceText(
              candidate.workFolder().resolve("spent"),
              "promoted for a switch that was undone; nobody needs this copy\n");
    }
  }

  private boolean isStandby() {
    return candidate.isRunning()
        ? candidate.isInRecovery()
        : candidate
            .host()
            .exists(
                candidate
                    .data()
                    .resolve(candidate.version().atLeast(12) ? "standby.signal" : "recovery.conf"));
  }
}
