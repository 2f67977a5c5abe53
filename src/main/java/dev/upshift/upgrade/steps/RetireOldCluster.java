package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Stops what is left of the side that was left. Its data directories stay, fenced as they are: to
 * remove them, and the machines, is the operator's.
 */
public record RetireOldCluster(List<PgServer> servers) implements Forward<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Override
  public String title() {
    return "Retire "
        + String.join(", ", servers.stream().map(PgServer::label).toList())
        + ": stop, and leave the data directories";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  /** A machine that is away, perhaps for good, is named when all is done. */
  private Stream<PgServer> there() {
    return servers.stream().filter(server -> server.away().isEmpty());
  }

  @Override
  public Nothing apply(Nothing before) {
    there()
        .forEach(server -> {
          server.stop(PgServer.Stop.FAST, Deadline.in(LIMIT));
          server.keepDown();
          server.stayDownWithMachine();
        });
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var running = there().filter(PgServer::isRunning).map(PgServer::label).toList();
    return Verdict.of(running.isEmpty(), running + " still run");
  }
}
