package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Standby;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;

/**
 * Lets clients in again at the standbys of the side that serves, which were closed when it was
 * left: what they show is of today again.
 */
public record AdmitStandbys(List<Standby> standbys) implements Forward<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Override
  public String title() {
    return "Admit clients to the standbys "
        + String.join(", ", standbys.stream().map(Standby::server).map(PgServer::label).toList());
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    standbys.stream()
        .map(standby -> Clients.ofStale(standby.server()))
        .forEach(clients -> clients.admit(Deadline.in(LIMIT)));
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var closed =
        standbys.stream()
            .map(Standby::server)
            .filter(standby -> Clients.ofStale(standby).areRejected())
            .map(PgServer::label)
            .toList();
    return Verdict.of(closed.isEmpty(), closed + " still turn clients away");
  }
}
