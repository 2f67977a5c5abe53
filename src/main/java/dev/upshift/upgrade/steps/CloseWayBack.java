package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.DdlGuard;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.Optional;

/**
 * Closes the way back: the side that was left follows no more, and the one that serves retains no
 * WAL for it and lets its schema be changed. From here on there is no return that keeps a write.
 *
 * @param retainedMegabytes the bound on retained WAL that was set for it
 * @param bound the operator's own bound, before that
 */
public record CloseWayBack(
    WayBack way, long retainedMegabytes, CreatePublicationsAndSlots.Before bound)
    implements Forward<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String BOUND =
      "SELECT setting FROM pg_file_settings WHERE name = 'max_slot_wal_keep_size' AND sourcefile LIKE '%postgresql.auto.conf' ORDER BY seqno DESC LIMIT 1";

  @Override
  public String title() {
    return "Close the way back: " + way.title();
  }

  @Override
  public Check<Nothing> check() {
    var serving = serving();
    return serving.isRunning()
        ? Check.ready(new Nothing())
        : Check.blocked(serving.label() + " does not run", "does another server serve by now?");
  }

  private PgServer serving() {
    return way.follower().publisher().server();
  }

  @Override
  public Nothing apply(Nothing before) {
    // Where its machine is lost, its subscriptions are, too, and what serves goes on all the same.
    if (way.follower().server().away().isEmpty() && way.follower().server().isRunning()) {
      way.follower().unsubscribe();
    }
    var publisher = way.follower().publisher();
    for (var database : publisher.databases()) {
      publisher.dropSlot(database, Deadline.in(LIMIT));
      publisher.unpublish(database);
      try (var session = serving().connect(database.name())) {
        DdlGuard.remove(session);
      }
    }
    if (serving().version().atLeast(13)
        && serving().ask(BOUND).equals(Optional.of(retainedMegabytes + "MB"))) {
      CreatePublicationsAndSlots.unbound(serving(), bound);
    }
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var publisher = way.follower().publisher();
    for (var database : publisher.databases()) {
      if (publisher.slot(database).isPresent() || publisher.isPublished(database)) {
        return Verdict.notYet("a slot or a publication is left in " + database.name());
      }
    }
    return Verdict.ok();
  }
}
