package dev.upshift.postgres;

import java.util.List;

/** What a physical copy of a cluster carries along and must not go on doing there. */
public final class Copied {
  private static final String SUBSCRIPTIONS =
      "SELECT subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())";
  private static final String PREPARED =
      "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()";
  private static final String DROP_SLOTS =
      "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots";
  private static final String LEFT =
      """
      SELECT 'subscription ' || subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      UNION ALL SELECT 'prepared transaction ' || gid FROM pg_prepared_xacts WHERE database = current_database()
      UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots
      UNION ALL SELECT 'publication ' || pubname FROM pg_publication WHERE pubname = 'upshift'
      UNION ALL SELECT 'event trigger ' || evtname FROM pg_event_trigger WHERE evtname LIKE 'upshift\\_guard%'
      """;

  private static final String OURS = "SELECT to_regnamespace('upshift') IS NOT NULL";

  private Copied() {}

  /** Takes it out of one database of a promoted copy. Only ever for a copy. */
  public static void neutralise(PgServer copy, String database) {
    try (var session = copy.connect(database)) {
      for (var name : session.query(SUBSCRIPTIONS, row -> row.getString(1))) {
        var quoted = Sql.identifier(name);
        session.execute("ALTER SUBSCRIPTION " + quoted + " DISABLE");
        session.execute("ALTER SUBSCRIPTION " + quoted + " SET (slot_name = NONE)");
        session.execute("DROP SUBSCRIPTION " + quoted);
      }
      for (var gid : session.query(PREPARED, row -> row.getString(1))) {
        session.execute("ROLLBACK PREPARED " + Sql.literal(gid));
      }
      session.execute(DROP_SLOTS);
      session.execute("DROP PUBLICATION IF EXISTS " + Publisher.PUBLICATION);
      if (session.isTrue(OURS)) {
        session.execute("COMMENT ON SCHEMA upshift IS NULL"); // an earlier upgrade's
      }
      DdlGuard.remove(session);
    }
  }

  /** What of it is still in a database. */
  public static List<String> leftIn(PgServer copy, String database) {
    try (var session = copy.connect(database)) {
      return session.query(LEFT, row -> row.getString(1));
    }
  }
}
