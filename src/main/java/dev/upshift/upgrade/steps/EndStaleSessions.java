package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;

/**
 * Ends the sessions on the old standbys and lets no new ones in: whoever kept a connection there
 * would read rows that grow old. He connects anew, by names that lead to the new primary by now.
 */
public record EndStaleSessions(List<PgServer> standbys, Duration limit)
    implements Forward<Nothing, Nothing> {
  @Override
  public String title() {
    return "End the sessions on the old standbys "
        + String.join(", ", standbys.stream().map(PgServer::label).toList());
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    standbys.parallelStream().filter(PgServer::isRunning).forEach(this::end);
    return new Nothing();
  }

  private void end(PgServer standby) {
    var clients = Clients.ofStale(standby);
    clients.reject(Deadline.in(limit));
    clients.end(Deadline.in(limit));
  }

  @Override
  public Verdict verify(Nothing result) {
    var left =
        standbys.parallelStream()
            .filter(PgServer::isRunning)
            .filter(standby -> !isClosed(standby))
            .map(PgServer::label)
            .toList();
    return Verdict.of(left.isEmpty(), "clients are still on " + left);
  }

  private static boolean isClosed(PgServer standby) {
    var clients = Clients.ofStale(standby);
    return clients.areRejected() && clients.processes().isEmpty();
  }
}
