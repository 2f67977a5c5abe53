package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.postgres.Databases.Database;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The side that is followed: in each database a publication of all tables and a logical slot.
 * Publications come first, for changes are decoded with the catalog of their time; and all slots
 * begin before one common position, from which the follower is to go on in every database.
 */
public final class Publisher {
  /** The publication's name, in each database. */
  public static final String PUBLICATION = "upshift";

  /**
   * A logical slot of ours.
   *
   * @param from the position from which it sends: before its first use, where it was made; 0/0
   *     while it is still being made, when it may yet begin later than it seems
   * @param lost why the server has given it up, if it has
   */
  public record Slot(String name, Lsn from, boolean active, Optional<String> lost) {
    /** Whether it is made, and its position final. */
    public boolean isMade() {
      return from.isAfter(new Lsn(0));
    }
  }

  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration DROP_LIMIT = Duration.ofSeconds(30);
  private static final String PUBLISHED =
      "SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = ? AND puballtables)";
  private static final String TABLES =
      "SELECT format('%I.%I', schemaname, tablename) FROM pg_publication_tables WHERE pubname = ? ORDER BY 1";
  private static final String CREATE_SLOT =
      "SELECT lsn FROM pg_create_logical_replication_slot(?, 'pgoutput')";

  /** From 17 on a slot may be kept on standbys too, and outlives a failover to one that does. */
  private static final String CREATE_FAILOVER_SLOT =
      "SELECT lsn FROM pg_create_logical_replication_slot(?, 'pgoutput', failover => true)";

  private static final String WAITS_FOR =
      "SELECT setting FROM pg_settings WHERE name = 'synchronized_standby_slots'";

  private static final String SYNCHRONISED =
      "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = ? AND synced AND NOT temporary AND invalidation_reason IS NULL)";
  private static final String LAG =
      """
      SELECT pg_current_wal_lsn() - s.confirmed_flush_lsn, (extract(epoch FROM coalesce(r.replay_lag, interval '0')) * 1000)::bigint,
        pg_current_wal_lsn() - s.restart_lsn, s.active
      FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = ?
      """;
  private static final String ADVANCE =
      "SELECT pg_replication_slot_advance(slot_name, ?::pg_lsn) FROM pg_replication_slots WHERE slot_name = ? AND confirmed_flush_lsn < ?::pg_lsn AND NOT active";
  private static final String BLOCKERS =
      """
      SELECT coalesce('process ' || a.pid || ' (' || coalesce(a.usename, '') || ', ' || coalesce(a.application_name, '') || ', its transaction runs since '
          || to_char(a.xact_start, 'HH24:MI:SS') || ')', 'the prepared transaction ' || p.gid)
      FROM (SELECT pid, usename, application_name, xact_start FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()) a
      FULL JOIN pg_prepared_xacts p ON false
      """;

  private final PgServer server;

  /** This server as the one that is followed. */
  public Publisher(PgServer server) {
    this.server = server;
  }

  /** The server. */
  public PgServer server() {
    return server;
  }

  /** The databases that are published. */
  public List<Database> databases() {
    return Databases.of(server);
  }

  /** What a database's slot and subscription are called. */
  public static String slotName(Database database) {
    return "upshift_" + database.oid();
  }

  /** Whether a database is published. */
  public boolean isPublished(Database database) {
    try (var session = server.connect(database.name())) {
      return session.isTrue(PUBLISHED, PUBLICATION);
    }
  }

  /** Publishes a database; does nothing where it is. */
  public void publish(Database database) {
    try (var session = server.connect(database.name())) {
      if (!session.isTrue(PUBLISHED, PUBLICATION)) {
        session.execute("CREATE PUBLICATION " + PUBLICATION + " FOR ALL TABLES");
      }
    }
  }

  /** Takes the publication back; does nothing where there is none. */
  public void unpublish(Database database) {
    try (var session = server.connect(database.name())) {
      session.execute("DROP PUBLICATION IF EXISTS " + PUBLICATION);
    }
  }

  /** The tables that a database publishes: schema and name, quoted. */
  public List<String> tables(String database) {
    try (var session = server.connect(database)) {
      return session.query(TABLES, row -> row.getString(1), PUBLICATION);
    }
  }

  /** A database's slot, if there is one. */
  public Optional<Slot> slot(Database database) {
    try (var session = server.connect(database.name())) {
      return session
          .query(
              slotSql(),
              row ->
                  new Slot(
                      row.getString(1),
                      Lsn.parse(row.getString(2)),
                      row.getBoolean(3),
                      Optional.ofNullable(row.getString(4))),
              slotName(database))
          .stream()
          .findFirst();
    }
  }

  /**
   * Lets a database's slot begin at this position, if it begins earlier: what lies before it is not
   * sent. WAL up to it must be on disk. It is read up to there, so a slot that lags takes its time;
   * one that is in use stays as it is.
   */
  public void advanceSlot(Database database, Lsn position) {
    try (var session = server.connect(database.name())) {
      session.execute(ADVANCE, position.toString(), slotName(database), position.toString());
    }
  }

  private String slotSql() {
    var lost =
        server.version().atLeast(17)
            ? "coalesce(invalidation_reason, CASE wal_status WHEN 'lost' THEN 'wal_removed' END)"
            : server.version().atLeast(13)
                ? "CASE wal_status WHEN 'lost' THEN 'wal_removed' END"
                : "NULL";
    return "SELECT slot_name, coalesce(confirmed_flush_lsn, '0/0'), active, "
        + lost
        + " FROM pg_replication_slots WHERE slot_name = ?";
  }

  /**
   * Makes a database's slot; does nothing where there is one. It waits for every transaction that
   * runs now (safety.md §2.5). One that somebody was killed over is made again: it would become
   * whole later than it seems to begin, and what lies between would be nowhere.
   *
   * @throws WorldError naming the transactions in the way, when they do not end within a minute
   */
  public void createSlot(Database database) {
    var present = slot(database);
    if (present.isPresent() && present.get().isMade()) {
      return;
    }
    dropSlot(database, Deadline.in(DROP_LIMIT));
    try (var session = server.connect(database.name())) {
      session.execute(hasFailover() ? CREATE_FAILOVER_SLOT : CREATE_SLOT, slotName(database));
    } catch (WorldError e) {
      throw new WorldError(
          server.name(),
          "the slot in " + database.name() + " could not be made: " + e.what() + blockers(),
          "let these transactions end, then: upshift resume",
          e);
    }
  }

  /**
   * Whether its slots can outlive a failover at all. Where synchronized_standby_slots names
   * standbys, such a slot sends nothing, and is not even advanced, before those have it
   * (WaitForStandbyConfirmation, slot.c), and some of those named are gone after an upgrade.
   */
  public boolean hasFailover() {
    return server.version().atLeast(17) && server.ask(WAITS_FOR).orElse("").isEmpty();
  }

  /** Whether a standby keeps a copy of a database's slot, so that a failover to it keeps it. */
  public boolean isKeptOn(PgServer standby, Database database) {
    try (var session = standby.connect()) {
      return hasFailover() && session.isTrue(SYNCHRONISED, slotName(database));
    }
  }

  private String blockers() {
    try (var session = server.connect()) {
      var found = session.query(BLOCKERS, row -> row.getString(1));
      return found.isEmpty() ? "" : "; in the way: " + String.join(", ", found);
    }
  }

  /**
   * Where the latest of these databases' slots begins: what all of them have to send lies behind.
   */
  public Lsn commonStart(List<Database> databases) {
    return databases.stream()
        .flatMap(database -> slot(database).stream())
        .map(Slot::from)
        .max(Comparator.naturalOrder())
        .orElse(new Lsn(0));
  }

  /**
   * How far the follower is behind in a database.
   *
   * @param bytes WAL that it has not confirmed yet
   * @param millis how long what it confirmed last had taken; 0 when it has everything
   * @param retainedBytes WAL that the server keeps for it
   * @param active whether it is connected
   */
  public record Lag(long bytes, long millis, long retainedBytes, boolean active) {}

  /** How far the follower is behind in a database; empty without a slot. */
  public Optional<Lag> lag(Database database) {
    try (var session = server.connect(database.name())) {
      return session
          .query(
              LAG,
              row -> new Lag(row.getLong(1), row.getLong(2), row.getLong(3), row.getBoolean(4)),
              slotName(database))
          .stream()
          .findFirst();
    }
  }

  /** Drops a database's slot, ending who uses it; does nothing where there is none. */
  public void dropSlot(Database database, Deadline deadline) {
    var name = slotName(database);
    try (var session = server.connect(database.name())) {
      // A creation whose client died goes on in its backend, and the slot would appear later.
      session.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ? AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%pg_create_logical_replication_slot%'",
          Sessions.APPLICATION_NAME);
      deadline.until(
          PAUSE,
          () -> {
            session.execute(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = ? AND active_pid IS NOT NULL",
                name);
            return session
                .value("SELECT active FROM pg_replication_slots WHERE slot_name = ?", name)
                .map("f"::equals)
                .orElse(true);
          });
      session.execute(
          "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ?",
          name);
    }
  }
}
