package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.postgres.PgServer;
import java.util.Collection;

/** Where a data directory and its configuration are to be made, nothing may be yet. */
final class FreePlace {
  private FreePlace() {}

  static Check<Nothing> check(Collection<PgServer> servers) {
    for (var server : servers) {
      for (var folder : server.folders()) {
        if (!server.host().list(folder).isEmpty()) {
          return Check.blocked(
              folder + " on " + server.name() + " is not empty",
              "if nobody needs it, move it away; upshift removes nothing it has not made");
        }
      }
    }
    return Check.ready(new Nothing());
  }
}
