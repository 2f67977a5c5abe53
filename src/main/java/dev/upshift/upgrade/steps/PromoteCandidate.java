package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.host.Command;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Standby;
import dev.upshift.time.Budget;
import dev.upshift.time.Deadline;
import java.time.Duration;

/**
 * Makes the candidate a primary of its own, for pg_upgrade refuses a cluster that was shut down in
 * recovery. From here on it is spent: it can follow nobody again, and an undo ends and marks it.
 */
public record PromoteCandidate(Standby candidate, Budget hold)
    implements Reversible<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Override
  public String title() {
    return "Promote the candidate " + candidate.server().label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    if (candidate.isStandby()) {
      var server = candidate.server();
      var seconds = Math.max(1, hold.within(LIMIT).remaining().toSeconds());
      server
          .host()
          .run(
              Command.of(
                      server.program("pg_ctl"), "promote", "-D", server.data(), "-w", "-t", seconds)
                  .within(LIMIT));
    }
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var server = candidate.server();
    return Verdict.of(
        server.isRunning() && !server.isInRecovery(), server.label() + " is not a primary yet");
  }

  @Override
  public void undo(Nothing before) {
    var server = candidate.server();
    if (server.exists() && !candidate.isStandby()) {
      server.stop(PgServer.Stop.IMMEDIATE, Deadline.in(LIMIT));
      server
          .host()
          .replaceText(
              server.workFolder().resolve("spent"),
              "promoted for a switch that was undone; nobody needs this copy\n");
    }
  }
}
