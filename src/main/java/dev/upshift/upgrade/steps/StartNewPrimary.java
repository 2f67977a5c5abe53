package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Schedulers;
import dev.upshift.time.Budget;
import dev.upshift.time.Deadline;
import java.time.Duration;

/**
 * Starts the new cluster fenced, its job schedulers held, and read-only by default. The fence is
 * pg_hba.conf; the read-only default is none, it lets names and reads move first, so that one
 * reload at the end opens writes everywhere at once.
 */
public record StartNewPrimary(NewCluster cluster, Budget hold)
    implements Reversible<Nothing, Nothing> {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Override
  public String title() {
    return "Start the new primary " + cluster.server().label() + ", fenced";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    var server = cluster.server();
    if (!server.isRunning()) {
      cluster.fence();
      server.setBeforeStart("default_transaction_read_only", "on");
      Schedulers.held(server).forEach(server::setBeforeStart);
      server.start(hold.within(LIMIT));
    }
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var server = cluster.server();
    if (server.exists() && !server.isRunning()) {
      // What was built on it, days of copying perhaps, stands: it is not made anew for that.
      throw new WorldError(
          server.name(), server.label() + " does not run", "its log says why; start it, and go on");
    }
    if (!server.isRunning() || server.isInRecovery()) {
      return Verdict.notYet(server.label() + " does not serve yet");
    }
    return server
        .letsIn()
        .map(what -> Verdict.notYet(server.label() + " is not fenced: " + what))
        .orElse(Verdict.ok());
  }

  @Override
  public void undo(Nothing before) {
    if (cluster.server().exists()) {
      cluster.server().stop(PgServer.Stop.IMMEDIATE, Deadline.in(LIMIT));
    }
  }
}
