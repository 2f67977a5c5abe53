package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.postgres.Databases.Database;
import dev.upshift.postgres.Lsn;
import dev.upshift.postgres.Markers;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Sql;
import dev.upshift.postgres.Subscriber;
import dev.upshift.time.Budget;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Waits until the new primary has, and durably has, everything that the old one acknowledged: a
 * marker that is set after the fence is there in every database, and what it was applied with is on
 * disk. Apply does not wait for the disk (a marker that was seen was gone after a crash): one
 * commit that does takes everything before it along (DESIGN.md §6, fact 10).
 */
public record DrainReplication(
    Subscriber follower, Result<CreatePublicationsAndSlots.Common> common, Budget hold)
    implements Reversible<Nothing, DrainReplication.Drained> {

  /** The markers' text, and where the new primary's WAL ended when it had them. */
  public record Drained(String marker, Lsn insertedUpTo) {}

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(1);

  /** Also where the cluster's own commits do not wait for the disk (synchronous_commit = off). */
  private static final String FLUSH =
      "SELECT set_config('synchronous_commit', 'local', true), pg_logical_emit_message(true, 'upshift', 'drained')";

  private static final String INSERTED = "SELECT pg_current_wal_insert_lsn()";
  private static final String FLUSHED = "SELECT pg_current_wal_flush_lsn()";

  @Override
  public String title() {
    return "Drain: wait until " + follower.server().label() + " has everything, on disk";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Drained apply(Nothing before) {
    return drain("fenced at ", () -> hold.within(LIMIT));
  }

  private Drained drain(String what, Supplier<Deadline> limit) {
    var old = follower.publisher().server();
    var marker = what + Replication.current(old);
    old.inEach(names(), (database, session) -> arrives(database, session, marker, limit.get()));
    var inserted = lsn(follower.server(), INSERTED);
    follower.server().execute(FLUSH);
    return new Drained(marker, inserted);
  }

  /** Sets the marker in a database of the old side, and waits until the other one has it. */
  private boolean arrives(String database, Sql old, String marker, Deadline deadline) {
    Markers.set(old, marker);
    var fresh = follower.server();
    try (var session = fresh.connect(database)) {
      if (!fresh.shows(deadline, PAUSE, () -> Markers.isSeen(session, marker))) {
        throw new WorldError(
            fresh.name(),
            "what was acknowledged last in " + database + " has not arrived in time",
            "");
      }
    }
    return true;
  }

  private List<String> names() {
    return common.get().databases().stream().map(Database::name).toList();
  }

  private static Lsn lsn(PgServer server, String sql) {
    return server.ask(sql).map(Lsn::parse).orElse(new Lsn(0));
  }

  /**
   * Drains while everybody goes on: that proves nothing about what is acknowledged later, and the
   * next time it is faster.
   *
   * @throws WorldError where it takes more than half of what the hold may take: nobody need be held
   *     to find that out
   */
  public void practise() {
    var half = hold.limit().dividedBy(2);
    var _ = verify(drain("practised at ", () -> Deadline.in(half)));
  }

  @Override
  public Verdict verify(Drained drained) {
    return AtOnce.each(common.get().databases(), one -> missing(one, drained.marker())).stream()
        .flatMap(Optional::stream)
        .findFirst()
        .or(() -> notOnDisk(drained))
        .map(Verdict::notYet)
        .orElse(Verdict.ok());
  }

  /** What of a database the new primary does not have. */
  private Optional<String> missing(Database database, String marker) {
    try (var session = follower.server().connect(database.name())) {
      if (!Markers.isSeen(session, marker)) {
        return Optional.of("the last marker is not in " + database.name());
      }
    }
    var tables = follower.disagreement(database.name(), Publisher.slotName(database));
    return tables.isEmpty()
        ? Optional.empty()
        : Optional.of("not followed in " + database.name() + ": " + tables);
  }

  private Optional<String> notOnDisk(Drained drained) {
    return drained.insertedUpTo().isAfter(lsn(follower.server(), FLUSHED))
        ? Optional.of("what was applied is not on disk yet")
        : Optional.empty();
  }

  @Override
  public void undo(Nothing before) {}
}
