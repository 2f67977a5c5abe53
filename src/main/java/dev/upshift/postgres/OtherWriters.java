package dev.upshift.postgres;

import java.util.List;

/** What could write on a server and is no client of it, so that no pg_hba.conf keeps it out. */
public final class OtherWriters {
  /**
   * What works in a database on its own, and is neither a client nor of the server's own kinds
   * (src/backend/utils/init/miscinit.c): it asks no pg_hba.conf.
   */
  private static final String WORKERS =
      """
      SELECT DISTINCT backend_type || ' in ' || datname FROM pg_stat_activity
      WHERE datid IS NOT NULL AND backend_type !~ '^(client backend|autovacuum worker|walsender|parallel worker|logical replication .*|slotsync worker|autoprewarm worker)$'
      ORDER BY 1
      """;

  private static final String OTHERS =
      "(%s) UNION ALL SELECT 'the prepared transaction ' || gid FROM pg_prepared_xacts"
          .formatted(WORKERS);

  private OtherWriters() {}

  /**
   * Background workers that no pg_hba.conf keeps from writing: what they are, and where. From 10.
   */
  public static List<String> workersOn(PgServer server) {
    try (var session = server.connect()) {
      return session.query(WORKERS, row -> row.getString(1));
    }
  }

  /**
   * What could still write on a fenced server: such workers, and transactions that are prepared and
   * that somebody may commit.
   */
  public static List<String> othersOn(PgServer server) {
    try (var session = server.connect()) {
      return session.query(OTHERS, row -> row.getString(1));
    }
  }
}
