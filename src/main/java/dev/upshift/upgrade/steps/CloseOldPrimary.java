package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.OtherWriters;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Budget;
import dev.upshift.time.Deadline;
import java.time.Duration;

/**
 * Fences the running old primary: pg_hba.conf rejects everybody but replication and us, a login
 * proves it, and every process of a client is ended, also one that stands at its password prompt
 * and would be let in by the rules it was met with (DESIGN.md §6, fact 2). No timed wait.
 */
public record CloseOldPrimary(PgServer primary, Clients clients, Budget hold)
    implements Reversible<CloseOldPrimary.Before, Nothing> {

  /** Whether its clients were rejected already. */
  public record Before(boolean closed) {}

  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** A statement that was under way when everybody was led away may end: nothing is lost by it. */
  private static final Duration PATIENCE = Duration.ofMillis(500);

  @Override
  public String title() {
    return "Fence the old primary " + primary.label() + ": reject its clients, and end them";
  }

  @Override
  public Check<Before> check() {
    if (!primary.isRunning()) {
      return Check.blocked(primary.label() + " does not run", "look at its log");
    }
    return Check.ready(new Before(clients.areRejected()));
  }

  @Override
  public Nothing apply(Before before) {
    clients.reject(hold.within(LIMIT));
    // Their places are free first: a server that is full turns the proof away for want of one.
    if (!clients.end(hold.within(PATIENCE), hold.within(LIMIT))) {
      throw new WorldError(
          primary.name(),
          "clients of " + primary.label() + " do not end: " + clients.processes(),
          "");
    }
    var letsIn = clients.notRejecting();
    if (letsIn.isPresent()) {
      throw new WorldError(primary.name(), letsIn.get(), "");
    }
    return new Nothing();
  }

  /** Looks as {@link #verify} does, and forgets what it saw: the second time is faster. */
  public void lookOnce() {
    var _ = clients.someProcesses();
    var _ = OtherWriters.othersOn(primary);
  }

  @Override
  public Verdict verify(Nothing result) {
    if (!clients.areRejected()) {
      return Verdict.notYet(primary.label() + " lets clients in");
    }
    var left = clients.someProcesses();
    if (!left.isEmpty()) {
      return Verdict.notYet("clients are still on " + primary.label() + ": " + left);
    }
    var others = OtherWriters.othersOn(primary);
    return Verdict.of(others.isEmpty(), "there is still at " + primary.label() + ": " + others);
  }

  @Override
  public void undo(Before before) {
    if (!before.closed()) {
      // Also where the file lets them in: who was killed here may not have made the server read it.
      clients.admit(Deadline.in(LIMIT));
    }
  }
}
