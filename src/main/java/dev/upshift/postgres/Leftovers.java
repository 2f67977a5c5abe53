package dev.upshift.postgres;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is ours on a server at the end of everything, and how it goes. */
public final class Leftovers {
  private static final String STREAMED =
      "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE usename = ?::name) OR EXISTS (SELECT FROM pg_replication_slots WHERE slot_type = 'physical' AND slot_name LIKE 'upshift\\_%')";
  private static final String IN_DATABASE =
      """
      SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname IN ('upshift', 'upshift_probe')
      UNION ALL SELECT 'publication ' || pubname FROM pg_publication WHERE pubname = 'upshift'
      UNION ALL SELECT 'event trigger ' || evtname FROM pg_event_trigger WHERE evtname LIKE 'upshift\\_guard%'
      UNION ALL SELECT 'subscription ' || subname FROM pg_subscription
        WHERE subname ~ '^upshift_[0-9]+$' AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      ORDER BY 1
      """;
  private static final String OF_SERVER =
      """
      SELECT 'slot ' || slot_name FROM pg_replication_slots WHERE slot_name LIKE 'upshift\\_%'
      UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname = ?
      ORDER BY 1
      """;
  private static final String PENDING =
      "SELECT name FROM pg_settings WHERE pending_restart ORDER BY name";

  /** Settings that our section of postgresql.conf has for following and being followed. */
  private static final Set<String> TO_FOLLOW =
      Set.of(
          "wal_level",
          "max_logical_replication_workers",
          "max_worker_processes",
          "max_replication_slots",
          "max_wal_senders",
          "max_active_replication_origins");

  private Leftovers() {}

  /** What is left in the session's database. */
  public static List<String> in(Sql session) {
    return session.query(IN_DATABASE, row -> row.getString(1));
  }

  /** What is left on the server as a whole. */
  public static List<String> of(PgServer server, String role) {
    try (var session = server.connect()) {
      return session.query(OF_SERVER, row -> row.getString(1), role);
    }
  }

  /** Whether a standby streams as this role. */
  public static boolean isStreamedAs(PgServer server, String role) {
    try (var session = server.connect()) {
      return session.isTrue(STREAMED, role);
    }
  }

  /** Drops our schema and the probe's. */
  public static void dropSchemas(Sql session) {
    session.execute("DROP SCHEMA IF EXISTS upshift CASCADE");
    session.execute("DROP SCHEMA IF EXISTS upshift_probe CASCADE");
  }

  /** Drops our role. */
  public static void dropRole(PgServer server, String role) {
    server.execute("DROP ROLE IF EXISTS " + Sql.identifier(role));
  }

  /**
   * Takes out of postgresql.conf what we had set there so that one side can follow the other; what
   * was carried over from the old version stands above it and counts again. The place that a server
   * listens at stays, and so do lines that somebody has added below ours, and all where somebody
   * else decodes by now.
   */
  public static void resetSettings(PgServer server) {
    var file = server.config().resolve("postgresql.conf");
    var text = server.host().readText(file).orElse("");
    int ours = text.indexOf(NewCluster.OWN_SECTION);
    if (ours < 0 || isDecodedByOthers(server)) {
      return;
    }
    var kept = new ArrayList<String>();
    var left = new HashSet<>(TO_FOLLOW);
    text.substring(ours)
        .lines()
        .filter(line -> !left.removeIf(name -> line.startsWith(name + " ")))
        .forEach(kept::add);
    var without = text.substring(0, ours) + String.join("\n", kept) + "\n";
    if (!without.equals(text)) {
      server.host().replaceText(file, without);
    }
  }

  /**
   * Brings wal_level back to what ALTER SYSTEM had said of it, if anything; it counts from the next
   * restart. Stays where somebody else decodes by now: such a server would not start again
   * (src/backend/replication/slot.c, RestoreSlotFromDisk).
   */
  public static void resetWalLevel(PgServer server, Optional<String> was) {
    if (!isDecodedByOthers(server)) {
      server.execute(
          was.map(level -> "ALTER SYSTEM SET wal_level = " + Sql.literal(level))
              .orElse("ALTER SYSTEM RESET wal_level"));
    }
  }

  private static boolean isDecodedByOthers(PgServer server) {
    try (var session = server.connect()) {
      return session.isTrue(
          "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_type = 'logical')");
    }
  }

  /** Settings that wait for a restart. */
  public static List<String> pending(PgServer server) {
    try (var session = server.connect()) {
      return session.query(PENDING, row -> row.getString(1));
    }
  }
}
