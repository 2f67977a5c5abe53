package dev.upshift.postgres;

import java.util.List;

/**
 * What lies in a server's shared buffers, and how to bring the same into another's. A physical copy
 * has the same rows in the same blocks, so block numbers mean the same on both sides. By the
 * extensions pg_buffercache and pg_prewarm, which come with PostgreSQL's contrib package; without
 * them nothing is done.
 */
public final class BufferCache {

  /** Blocks in a row of one relation; its name is schema and name, quoted. */
  public record Run(String relation, long first, long last) {}

  /** More than this is not worth the memory that listing it takes. */
  private static final int MOST_RUNS = 200_000;

  private static final String AVAILABLE =
      "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = ?)";
  private static final String INSTALLED =
      "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = ?)";

  /** Runs of blocks: a block's number less its place among its relation's blocks stays the same. */
  private static final String RUNS =
      """
      SELECT format('%I.%I', n.nspname, c.relname), min(b.relblocknumber), max(b.relblocknumber)
      FROM (SELECT relfilenode, relblocknumber, relblocknumber - row_number() OVER (PARTITION BY relfilenode ORDER BY relblocknumber) AS run
        FROM {schema}.pg_buffercache WHERE reldatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND relforknumber = 0) b
      JOIN pg_class c ON pg_relation_filenode(c.oid) = b.relfilenode JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'upshift')
      GROUP BY n.nspname, c.relname, b.run ORDER BY max(b.relblocknumber) - min(b.relblocknumber) DESC LIMIT {most}
      """;

  private static final String SCHEMA =
      "SELECT quote_ident(nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = ?";

  private BufferCache() {}

  /** Whether the one's buffers can be listed and the other's filled. */
  public static boolean canBeCarried(PgServer from, PgServer to) {
    try (var source = from.connect();
        var target = to.connect()) {
      return source.isTrue(AVAILABLE, "pg_buffercache") && target.isTrue(AVAILABLE, "pg_prewarm");
    }
  }

  /** What of a database lies in the server's buffers; the extension is there for that long only. */
  public static List<Run> runs(PgServer server, String database) {
    try (var session = server.connect(database)) {
      boolean there = session.isTrue(INSTALLED, "pg_buffercache");
      if (!there) {
        session.execute("CREATE EXTENSION pg_buffercache SCHEMA upshift");
      }
      try {
        var schema = session.value(SCHEMA, "pg_buffercache").orElse("upshift");
        return session.query(
            RUNS.replace("{schema}", schema).replace("{most}", Integer.toString(MOST_RUNS)),
            row -> new Run(row.getString(1), row.getLong(2), row.getLong(3)));
      } finally {
        if (!there) {
          session.execute("DROP EXTENSION IF EXISTS pg_buffercache");
        }
      }
    }
  }

  /**
   * Reads these blocks into the server's buffers; what is not there any more is passed over.
   *
   * @return how many blocks were read
   */
  public static long load(PgServer server, String database, List<Run> runs) {
    try (var session = server.connect(database)) {
      boolean there = session.isTrue(INSTALLED, "pg_prewarm");
      if (!there) {
        session.execute("CREATE EXTENSION pg_prewarm SCHEMA upshift");
      }
      try {
        var schema = session.value(SCHEMA, "pg_prewarm").orElse("upshift");
        var sql =
            """
            SELECT sum(%s.pg_prewarm(r.oid, 'buffer', 'main', r.first, least(r.last, r.blocks - 1)))
            FROM (SELECT to_regclass(?) AS oid, ?::bigint AS first, ?::bigint AS last, pg_relation_size(to_regclass(?)) / current_setting('block_size')::int AS blocks) r
            WHERE r.first < r.blocks
            """
                .formatted(schema);
        return runs.stream()
            .mapToLong(run ->
                session
                    .value(sql, run.relation(), run.first(), run.last(), run.relation())
                    .map(Long::parseLong)
                    .orElse(0L))
            .sum();
      } finally {
        if (!there) {
          session.execute("DROP EXTENSION IF EXISTS pg_prewarm");
        }
      }
    }
  }
}
