package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Subscriber;

/**
 * Finds which databases are followed back, and whether the side that will take over still stands:
 * it runs, follows in every one of them, and lets no client in.
 */
public record FindFollowed(Subscriber follower)
    implements Reversible<Nothing, CreatePublicationsAndSlots.Common> {

  @Override
  public String title() {
    return "Find what " + follower.server().label() + " follows";
  }

  @Override
  public Check<Nothing> check() {
    var server = follower.server();
    if (!server.isRunning()) {
      return Check.blocked(server.label() + " does not run", "start it; it catches up by itself");
    }
    return server
        .letsIn()
        .<Check<Nothing>>map(what ->
            Check.blocked(
                server.label() + " is not fenced: " + what,
                "somebody may have written there: find out who opened it; upshift finish ends the"
                    + " way back"))
        .orElse(Check.ready(new Nothing()));
  }

  @Override
  public CreatePublicationsAndSlots.Common apply(Nothing before) {
    var from = follower.publisher();
    return new CreatePublicationsAndSlots.Common(
        Replication.current(from.server()), from.databases());
  }

  @Override
  public Verdict verify(CreatePublicationsAndSlots.Common common) {
    if (!follower.server().isRunning()) {
      return Verdict.notYet(follower.server().label() + " does not run");
    }
    var letsIn = follower.server().letsIn();
    if (letsIn.isPresent()) {
      return Verdict.notYet(follower.server().label() + " is not fenced: " + letsIn.get());
    }
    for (var database : common.databases()) {
      var slot = follower.publisher().slot(database);
      if (slot.isEmpty() || slot.get().lost().isPresent()) {
        return Verdict.notYet(
            "the way back is closed in "
                + database.name()
                + ": "
                + slot.flatMap(Publisher.Slot::lost)
                    .map(why -> "its slot is lost (" + why + ")")
                    .orElse("its slot is gone"));
      }
      var missing = follower.missing(database);
      if (missing.isPresent()) {
        return Verdict.notYet(missing.get());
      }
    }
    return Verdict.of(isPrimary(follower.server()), follower.server().label() + " is a standby");
  }

  private static boolean isPrimary(PgServer server) {
    return !server.isInRecovery();
  }

  /** It only looked. */
  @Override
  public void undo(Nothing before) {}
}
