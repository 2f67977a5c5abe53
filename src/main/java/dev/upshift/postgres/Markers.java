package dev.upshift.postgres;

import java.util.List;
import java.util.Optional;

/**
 * Rows of ours that show how far one server has what another acknowledged: apply keeps the order of
 * commits within a subscription, so whoever has a marker has everything that was committed before
 * it. The table {@code upshift.marker} stands in every database.
 */
public final class Markers {
  private static final String CREATE_SCHEMA = "CREATE SCHEMA IF NOT EXISTS upshift";
  private static final String CREATE_TABLE =
      """
      CREATE TABLE IF NOT EXISTS upshift.marker (id bigserial PRIMARY KEY, text text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())
      """;
  private static final String EXISTS =
      "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'upshift')";
  private static final String FOREIGN =
      """
      SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'upshift' AND c.relkind NOT IN ('i', 'I', 'S') AND c.relname NOT IN ('marker', 'schema_then')
      ORDER BY 1 LIMIT 5
      """;
  private static final String INSERT = "INSERT INTO upshift.marker (text) VALUES (?)";
  private static final String SEEN = "SELECT EXISTS (SELECT FROM upshift.marker WHERE text = ?)";

  private Markers() {}

  /** Makes schema and table in a database, as far as they are not there. */
  public static void create(Sql session) {
    session.execute(CREATE_SCHEMA);
    session.execute(CREATE_TABLE);
  }

  /** Removes both. */
  public static void drop(Sql session) {
    session.execute("DROP SCHEMA IF EXISTS upshift CASCADE");
  }

  /** Whether the schema is there. */
  public static boolean exist(Sql session) {
    return session.isTrue(EXISTS);
  }

  /** Tables and views in a schema of our name that are not ours; five at most. */
  public static List<String> foreign(Sql session) {
    return session.query(FOREIGN, row -> row.getString(1));
  }

  /** Sets a marker in one database. */
  public static void set(Sql session, String text) {
    session.execute(INSERT, text);
  }

  /** Sets a marker in every one of these databases, in all at once. */
  public static void set(PgServer server, List<String> databases, String text) {
    server.inEach(
        databases,
        (_, session) -> {
          set(session, text);
          return text;
        });
  }

  /** Whether a marker is there. */
  public static boolean isSeen(Sql session, String text) {
    return session.isTrue(SEEN, text);
  }

  /** The first database in which it is not to be seen. */
  public static Optional<String> missing(PgServer server, List<String> databases, String text) {
    return server
        .inEach(
            databases,
            (database, session) ->
                isSeen(session, text) ? Optional.<String>empty() : Optional.of(database))
        .stream()
        .flatMap(Optional::stream)
        .findFirst();
  }
}
