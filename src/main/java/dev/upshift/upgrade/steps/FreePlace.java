package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.postgres.PgServer;
import java.util.Collection;

/** Where a data directory is to be made, nothing may be yet. */
final class FreePlace {
  private FreePlace() {}

  static Check<Nothing> check(Collection<PgServer> servers) {
    for (var server : servers) {
      if (!server.host().list(server.data()).isEmpty()) {
        return Check.blocked(
            server.data() + " on " + server.name() + " is not empty",
            "if nobody needs it, move it away; upshift removes nothing it has not made");
      }
    }
    return Check.ready(new Nothing());
  }
}
