package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.DdlGuard;
import dev.upshift.postgres.Subscriber;
import dev.upshift.time.Deadline;
import java.time.Duration;

/**
 * Ends the replication from old to new: nothing is written on the old side any more. Its slots
 * would retain WAL for nobody.
 */
public record DropForwardReplication(
    Subscriber follower, Result<CreatePublicationsAndSlots.Common> common)
    implements Forward<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Override
  public String title() {
    return "Drop the replication from " + follower.publisher().server().label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    var old = follower.publisher();
    follower.unsubscribe();
    if (isLost()) {
      return new Nothing();
    }
    for (var database : common.get().databases()) {
      old.dropSlot(database, Deadline.in(LIMIT));
      old.unpublish(database);
      try (var session = old.server().connect(database.name())) {
        DdlGuard.remove(session);
      }
    }
    return new Nothing();
  }

  /** Where the other side's machine is away, nobody follows it and its slots are its own affair. */
  private boolean isLost() {
    return follower.publisher().server().away().isPresent();
  }

  @Override
  public Verdict verify(Nothing result) {
    if (isLost()) {
      return Verdict.ok();
    }
    var left =
        common.get().databases().stream()
            .filter(database -> follower.publisher().slot(database).isPresent())
            .toList();
    return Verdict.of(left.isEmpty(), "slots are left for " + left);
  }
}
