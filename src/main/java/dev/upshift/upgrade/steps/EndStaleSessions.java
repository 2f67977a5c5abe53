package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.host.AtOnce;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Ends the sessions on the old standbys and lets no new ones in: whoever kept a connection there
 * would read rows that grow old. He connects anew, by names that lead to the new primary by now.
 * Nothing there is old yet, so a read that is under way may end, if it does so soon. A standby
 * whose machine is away is left behind, and named: everybody waits for this.
 */
public record EndStaleSessions(List<PgServer> standbys, Duration limit)
    implements Forward<Nothing, EndStaleSessions.Ended> {

  /** Writers wait for it. */
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /** The standbys that could not be looked at, and why. */
  public record Ended(List<String> behind) {}

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
  public Ended apply(Nothing before) {
    return new Ended(AtOnce.each(standbys, this::end).stream().flatMap(List::stream).toList());
  }

  /** It, if it is away. */
  private List<String> end(PgServer standby) {
    var away = standby.away();
    if (away.isPresent()) {
      return List.of(standby.label() + ": " + away.get());
    }
    if (standby.isRunning()) {
      var clients = Clients.ofStale(standby);
      clients.reject(Deadline.in(limit));
      clients.end(Deadline.in(PATIENCE), Deadline.in(limit));
    } else {
      standby.forgetHba();
    }
    return List.of();
  }

  @Override
  public Verdict verify(Ended ended) {
    var there =
        standbys.stream()
            .filter(standby ->
                ended.behind().stream().noneMatch(one -> one.startsWith(standby.label() + ":")))
            .toList();
    var left = AtOnce.each(there, EndStaleSessions::left).stream().flatMap(s -> s).toList();
    return Verdict.of(left.isEmpty(), "clients are still on " + left);
  }

  private static Stream<String> left(PgServer standby) {
    return standby.isRunning() && !isClosed(standby) ? Stream.of(standby.label()) : Stream.of();
  }

  private static boolean isClosed(PgServer standby) {
    var clients = Clients.ofStale(standby);
    return clients.areRejected() && clients.someProcesses().isEmpty();
  }
}
