package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.Databases.Database;
import dev.upshift.postgres.OwnRole;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Schedulers;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets the side that was left follow the one that serves. It stays fenced: where it was stopped
 * (physical method), the fence is written before it is started. It is read-only by default besides,
 * which does not hold the stream up and is no fence. What no one uses there any more goes: a slot
 * would keep WAL for ever.
 *
 * @param clients of the side that was left
 * @param opened from where it follows
 * @param deadSlots slots of ours on it that nobody uses any more
 */
public record FollowWithOldPrimary(
    WayBack way,
    Clients clients,
    OwnRole role,
    Result<CreatePublicationsAndSlots.Common> opened,
    List<String> deadSlots)
    implements Forward<FollowWithOldPrimary.Before, Nothing> {

  /**
   * What is found before it is changed for good.
   *
   * @param walLevel what ALTER SYSTEM had said of wal_level, if anything; only where it is changed
   * @param changed whether it will be changed: the server that stands still is started with it
   */
  public record Before(Optional<String> walLevel, boolean changed) {}

  private static final String WAL_LEVEL = "wal_level";
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Override
  public String title() {
    return "Follow with the old primary: " + way.title();
  }

  @Override
  public Check<Before> check() {
    var left = way.follower().server();
    var away = way.none().isPresent() ? Optional.<String>empty() : left.away();
    if (away.isPresent()) {
      return Check.blocked(
          left.label() + " cannot follow: " + away.get(),
          "if it is lost for good, say way-back: none in the topology, then: upshift resume");
    }
    return Check.ready(
        way.none().isPresent() || left.isRunning()
            ? new Before(Optional.empty(), false)
            : new Before(left.setBySystem(WAL_LEVEL), true));
  }

  @Override
  public Nothing apply(Before before) {
    if (way.none().isPresent()) {
      return new Nothing();
    }
    var left = way.follower().server();
    role.writePassfile(left);
    if (!left.isRunning()) {
      clients.rejectFromStart();
      left.setBeforeStart(WAL_LEVEL, "logical");
      Schedulers.held(left).forEach(left::setBeforeStart);
      left.start(Deadline.in(LIMIT));
    }
    keepQuiet(left);
    deadSlots.forEach(slot -> Replication.dropSlot(left, slot));
    opened.get().databases().forEach(this::follow);
    return new Nothing();
  }

  /** Twice from the same position: the slot sends nothing before it, nor does the follower ask. */
  private void follow(Database database) {
    var from = opened.get().position();
    way.follower().publisher().advanceSlot(database, from);
    way.follower().subscribe(database, from);
  }

  private static void keepQuiet(PgServer left) {
    left.execute("ALTER SYSTEM SET default_transaction_read_only = 'on'");
    left.reload(Deadline.in(LIMIT));
  }

  @Override
  public Verdict verify(Nothing result) {
    if (way.none().isPresent()) {
      return Verdict.ok();
    }
    var wrong = new ArrayList<String>();
    clients.notRejecting().ifPresent(wrong::add);
    for (var database : opened.get().databases()) {
      way.follower().missing(database).ifPresent(wrong::add);
      var disagreement = way.follower().disagreement(database.name(), Publisher.slotName(database));
      if (!disagreement.isEmpty()) {
        wrong.add("not followed in " + database.name() + ": " + disagreement);
      }
    }
    return Verdict.of(wrong.isEmpty(), String.join("; ", wrong));
  }
}
