package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.Lsn;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Standby;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;

/**
 * Lets clients in again at the standbys of the side that serves, which were closed when it was
 * left. First each of them must stream and have what its primary has now: one that died meanwhile
 * would show rows that are days old.
 */
public record AdmitStandbys(PgServer primary, List<Standby> standbys)
    implements Forward<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration CATCH_UP = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofMillis(100);

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
    var here = Replication.current(primary);
    standbys.forEach(standby -> await(standby.server(), here));
    standbys.stream()
        .map(standby -> Clients.ofStale(standby.server()))
        .forEach(clients -> clients.admit(Deadline.in(LIMIT)));
    return new Nothing();
  }

  private static void await(PgServer standby, Lsn position) {
    if (!standby.isRunning()
        || !standby.shows(
            Deadline.in(CATCH_UP),
            PAUSE,
            () ->
                Replication.replayed(standby).filter(lsn -> !position.isAfter(lsn)).isPresent())) {
      throw new WorldError(
          standby.name(),
          standby.label() + " does not run, or does not come up to " + position,
          "repair it and say: upshift resume; meanwhile its names lead to the primary");
    }
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
