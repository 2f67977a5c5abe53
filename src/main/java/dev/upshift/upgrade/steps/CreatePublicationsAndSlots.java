package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Databases.Database;
import dev.upshift.postgres.Lsn;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Publisher;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Publishes every table of every database of the old primary, and makes a logical slot in each. The
 * WAL that the slots retain is bounded in the server: whatever becomes of the upgrade, production's
 * disk wins.
 *
 * @param retainedMegabytes how much WAL the slots may retain (max_slot_wal_keep_size, 13 and newer)
 */
public record CreatePublicationsAndSlots(Publisher old, long retainedMegabytes)
    implements Reversible<CreatePublicationsAndSlots.Before, CreatePublicationsAndSlots.Common> {

  /** What ALTER SYSTEM had said of max_slot_wal_keep_size, if anything. */
  public record Before(Optional<String> keepSize) {}

  /** The position at which the candidate is to be cut off, and what was published by then. */
  public record Common(Lsn position, List<Database> databases) {}

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String KEEP_SIZE =
      "SELECT setting FROM pg_file_settings WHERE name = 'max_slot_wal_keep_size' AND sourcefile LIKE '%postgresql.auto.conf' ORDER BY seqno DESC LIMIT 1";
  private static final String UNBOUNDED =
      "SELECT setting::bigint = -1 OR setting::bigint > ? FROM pg_settings WHERE name = 'max_slot_wal_keep_size'";

  @Override
  public String title() {
    return "Create publications and logical slots on " + old.server().label();
  }

  @Override
  public Check<Before> check() {
    for (var database : old.databases()) {
      if (old.slot(database).isPresent()) {
        return Check.blocked(
            "the slot " + Publisher.slotName(database) + " exists on " + old.server().label(),
            "does another run use it? otherwise drop it");
      }
      if (old.isPublished(database)) {
        return Check.blocked(
            "the publication "
                + Publisher.PUBLICATION
                + " exists in "
                + database.name()
                + " on "
                + old.server().label(),
            "does another run use it? otherwise drop it");
      }
    }
    return Check.ready(new Before(bounds() ? old.server().ask(KEEP_SIZE) : Optional.empty()));
  }

  private boolean bounds() {
    return old.server().version().atLeast(13);
  }

  @Override
  public Common apply(Before before) {
    var databases = old.databases();
    if (bounds()) {
      bound();
    }
    databases.forEach(old::publish);
    databases.forEach(old::createSlot);
    return new Common(old.commonStart(databases), databases);
  }

  private void bound() {
    try (var session = old.server().connect()) {
      if (session.isTrue(UNBOUNDED, retainedMegabytes)) {
        session.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '" + retainedMegabytes + "MB'");
        old.server().reload(Deadline.in(LIMIT));
      }
    }
  }

  @Override
  public Verdict verify(Common common) {
    for (var database : common.databases()) {
      if (!old.isPublished(database)) {
        return Verdict.notYet(database.name() + " is not published");
      }
      var slot = old.slot(database);
      if (slot.isEmpty()) {
        return Verdict.notYet("there is no slot for " + database.name());
      }
      if (!slot.get().isMade()) {
        return Verdict.notYet("the slot for " + database.name() + " is still being made");
      }
      if (slot.get().lost().isPresent()) {
        return Verdict.notYet(
            "the slot of "
                + database.name()
                + " is lost ("
                + slot.get().lost().get()
                + "): what was prepared is of no use any more");
      }
    }
    return Verdict.ok();
  }

  @Override
  public void undo(Before before) {
    var databases = old.databases();
    databases.forEach(database -> old.dropSlot(database, Deadline.in(LIMIT)));
    databases.forEach(old::unpublish);
    if (bounds()) {
      unbound(old.server(), before);
    }
  }

  static void unbound(PgServer server, Before before) {
    if (server.ask(KEEP_SIZE).equals(before.keepSize())) {
      return;
    }
    server.execute(
        before
            .keepSize()
            .map(size -> "ALTER SYSTEM SET max_slot_wal_keep_size = '" + size + "'")
            .orElse("ALTER SYSTEM RESET max_slot_wal_keep_size"));
    server.reload(Deadline.in(LIMIT));
  }
}
