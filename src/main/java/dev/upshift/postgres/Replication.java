package dev.upshift.postgres;

import dev.upshift.topology.PgVersion;
import java.util.Optional;

/** Physical replication as a primary and a standby show it. */
public final class Replication {
  /** The name under which our standbys appear in pg_stat_replication. */
  public static final String STANDBY_NAME = "upshift";

  private Replication() {}

  /**
   * A replication slot.
   *
   * @param walStatus reserved, extended, unreserved or lost; empty before 13, which cannot say
   */
  public record Slot(String name, boolean active, Optional<String> walStatus) {
    /**
     * Whether the WAL that the slot's standby needs is still there, as far as the server can tell.
     */
    public boolean holds() {
      return walStatus
          .map(status -> status.equals("reserved") || status.equals("extended"))
          .orElse(true);
    }
  }

  /** The slot of that name, if there is one. */
  public static Optional<Slot> slot(PgServer primary, String name) {
    var status = primary.version().atLeast(13) ? "wal_status" : "NULL";
    var sql =
        "SELECT slot_name, active, " + status + " FROM pg_replication_slots WHERE slot_name = ?";
    try (var session = primary.connect()) {
      return session
          .query(
              sql,
              row ->
                  new Slot(
                      row.getString(1), row.getBoolean(2), Optional.ofNullable(row.getString(3))),
              name)
          .stream()
          .findFirst();
    }
  }

  /** Makes a physical slot that keeps WAL from now on; does nothing where there is one. */
  public static void createSlot(PgServer primary, String name) {
    if (slot(primary, name).isEmpty()) {
      primary.execute("SELECT pg_create_physical_replication_slot(?, true)", name);
    }
  }

  /** Drops a slot; does nothing where there is none. An active one is refused by the server. */
  public static void dropSlot(PgServer primary, String name) {
    if (slot(primary, name).isPresent()) {
      primary.execute("SELECT pg_drop_replication_slot(?)", name);
    }
  }

  /** Up to where a standby has replayed; empty where it has replayed nothing yet. */
  public static Optional<Lsn> replayed(PgServer standby) {
    return standby
        .ask("SELECT " + function(standby.version(), "pg_last_wal_replay_lsn") + "()")
        .map(Lsn::parse);
  }

  /** Where the primary writes next. */
  public static Lsn current(PgServer primary) {
    return position(primary, "pg_current_wal_lsn");
  }

  /** Up to where what the primary has written is on disk. */
  public static Lsn flushed(PgServer primary) {
    return position(primary, "pg_current_wal_flush_lsn");
  }

  /** A server that only a dry run has made says nothing. */
  private static Lsn position(PgServer primary, String function) {
    var said = primary.ask("SELECT " + function(primary.version(), function) + "()");
    return primary.isOnlyShown() && said.isEmpty() ? new Lsn(0) : Lsn.parse(said.orElseThrow());
  }

  /** Whether a standby receives WAL from this primary under this slot right now. */
  public static boolean streams(PgServer primary, String slot) {
    var sql =
        """
        SELECT EXISTS (SELECT FROM pg_replication_slots s JOIN pg_stat_replication r ON r.pid = s.active_pid
          WHERE s.slot_name = ? AND r.state = 'streaming')
        """;
    try (var session = primary.connect()) {
      return session.isTrue(sql, slot);
    }
  }

  /** The names of WAL functions before 10 said xlog and location. */
  static String function(PgVersion version, String name) {
    return version.atLeast(10)
        ? name
        : name.replace("_wal_", "_xlog_").replace("_lsn", "_location");
  }
}
