package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import java.util.List;

/**
 * Lets the servers of the new version come up with their machines, where systemd looks after them,
 * and the linked copy on the new primary's machine stay down: until now they were thrown away after
 * an undo.
 *
 * @param linked the copy of the old version that pg_upgrade has linked
 */
public record StartWithMachine(List<PgServer> servers, PgServer linked)
    implements Forward<Nothing, Nothing> {

  @Override
  public String title() {
    return "Let "
        + String.join(", ", servers.stream().map(PgServer::label).toList())
        + " come up with "
        + (servers.size() == 1 ? "its machine" : "their machines");
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    servers.forEach(PgServer::comeUpWithMachine);
    linked.stayDownWithMachine();
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var down = servers.stream().filter(server -> !server.mayComeUp()).map(PgServer::label).toList();
    return Verdict.of(down.isEmpty(), down + " will not come up with their machines");
  }
}
