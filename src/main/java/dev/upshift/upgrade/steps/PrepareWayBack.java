package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Lsn;
import dev.upshift.postgres.ReplicaIdentity;
import dev.upshift.postgres.ReplicaIdentity.Lacking;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes on the side that will serve what the way back begins with, before a client's first write
 * there: what is not in a slot by then is not in the way back. The schema is guarded first, for no
 * change of it would be carried; then every table is published, and each database has a slot.
 *
 * <p>In the logical method this is done before the hold, because a slot waits for every transaction
 * that runs (17 ms on an idle server, 3.6 s beside an open one; DESIGN.md §6, fact 13), and the
 * slots are only advanced in it. In the physical method the server that will serve is not there
 * earlier, and nobody else is on it.
 */
public record PrepareWayBack(WayBack way, GuardDdl guard, CreatePublicationsAndSlots slots)
    implements Reversible<PrepareWayBack.Before, CreatePublicationsAndSlots.Common> {

  /**
   * What there was.
   *
   * @param tables those that have nothing that identifies their rows, by database
   */
  public record Before(CreatePublicationsAndSlots.Before slots, Map<String, List<Lacking>> tables) {
    /** A journal of an earlier version does not say it. */
    public Before {
      slots = slots == null ? new CreatePublicationsAndSlots.Before(Optional.empty()) : slots;
      tables = tables == null ? Map.of() : tables;
    }
  }

  @Override
  public String title() {
    return "Prepare the way back: " + way.title();
  }

  @Override
  public Check<Before> check() {
    if (!isNeeded()) {
      return Check.ready(
          new Before(new CreatePublicationsAndSlots.Before(Optional.empty()), Map.of()));
    }
    return switch (slots.check()) {
      case Check.Ready(var before) -> Check.ready(new Before(before, lacking()));
      case Check.Blocked(var why, var hint) -> Check.blocked(why, hint);
    };
  }

  private Map<String, List<Lacking>> lacking() {
    var server = way.follower().publisher().server();
    var found = new TreeMap<String, List<Lacking>>();
    for (var database : way.databases()) {
      var tables = ReplicaIdentity.lacking(server, database.name());
      if (!tables.isEmpty()) {
        found.put(database.name(), tables);
      }
    }
    return found;
  }

  /** A server that does not run, as after the undo of its start, has nothing of it. */
  private boolean isNeeded() {
    return way.none().isEmpty() && way.follower().publisher().server().isRunning();
  }

  @Override
  public CreatePublicationsAndSlots.Common apply(Before before) {
    if (way.none().isPresent()) {
      return new CreatePublicationsAndSlots.Common(new Lsn(0), List.of());
    }
    guard.apply(new Nothing());
    identify();
    return slots.apply(before.slots());
  }

  /**
   * A table that was made at the last moment has nothing that identifies its rows, and once it is
   * published every UPDATE of it would fail for clients (DESIGN.md §6, fact 15). By all columns it
   * can be followed without the other side having the same.
   */
  private void identify() {
    var server = way.follower().publisher().server();
    lacking()
        .forEach((database, tables) -> {
          try (var session = server.connect(database)) {
            tables.forEach(table -> ReplicaIdentity.giveFull(session, table));
          }
        });
  }

  @Override
  public Verdict verify(CreatePublicationsAndSlots.Common common) {
    if (way.none().isPresent()) {
      return Verdict.ok();
    }
    return guard.verify(new Nothing()) instanceof Verdict.NotYet missing
        ? missing
        : slots.verify(common);
  }

  @Override
  public void undo(Before before) {
    if (isNeeded()) {
      slots.undo(before.slots());
      guard.undo(new Nothing());
      ReplicaIdentity.takeBack(way.follower().publisher().server(), before.tables());
    }
  }
}
