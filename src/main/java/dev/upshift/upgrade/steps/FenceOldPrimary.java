package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Budget;
import dev.upshift.time.Deadline;
import java.time.Duration;

/**
 * Ends every write on the old primary by a clean stop: the physical method's fence. That it stopped
 * proves nothing about the candidate (with a lagging standby and no slot, an exit code of 0 lost
 * 54,100 of 54,100 rows); the next step does. Whoever starts it again, somebody's hand or a machine
 * that comes up, finds its pg_hba.conf closed.
 */
public record FenceOldPrimary(PgServer primary, Clients clients, Budget hold)
    implements Reversible<FenceOldPrimary.Before, Nothing> {

  /** Whether it served. */
  public record Before(boolean running) {}

  private static final Duration STOP_LIMIT = Duration.ofMinutes(5);
  private static final Duration START_LIMIT = Duration.ofMinutes(5);

  @Override
  public String title() {
    return "Fence the old primary " + primary.label() + ": stop it cleanly";
  }

  @Override
  public Check<Before> check() {
    if (!primary.isRunning()) {
      return Check.blocked(
          primary.label() + " does not run", "start it, or correct old.data in the topology");
    }
    if (primary.isInRecovery()) {
      return Check.blocked(
          primary.label() + " is a standby", "is the topology older than the last failover?");
    }
    return Check.ready(new Before(true));
  }

  @Override
  public Nothing apply(Before before) {
    primary.stop(PgServer.Stop.FAST, hold.within(STOP_LIMIT));
    primary.keepDown();
    clients.rejectFromStart();
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    if (primary.isRunning()) {
      return Verdict.notYet(primary.label() + " still runs");
    }
    var control = primary.control();
    return Verdict.of(
        control.shutDownCleanly(),
        primary.label() + " is '" + control.state() + "', not shut down cleanly");
  }

  /**
   * A clean stop that was begun cannot be cancelled: where it still waits for a standby, it is cut
   * short; nothing is lost by that.
   */
  @Override
  public void undo(Before before) {
    if (primary.isRunning() && !answers()) {
      primary.stop(PgServer.Stop.IMMEDIATE, Deadline.in(START_LIMIT));
    }
    clients.admit(Deadline.in(START_LIMIT));
    primary.start(Deadline.in(START_LIMIT));
  }

  private boolean answers() {
    try {
      return primary.ask("SELECT 1").isPresent();
    } catch (WorldError e) {
      return false;
    }
  }
}
