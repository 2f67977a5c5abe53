package dev.upshift.postgres;

import java.util.List;

/** The databases of a cluster that hold somebody's data: all but the templates. */
public final class Databases {

  /**
   * A database.
   *
   * @param oid its number in this cluster; pg_upgrade keeps it from 15 on only, so it names things
   *     of the old side and nothing else
   */
  public record Database(long oid, String name) {}

  private static final String ALL =
      """
      SELECT oid, datname FROM pg_database WHERE datallowconn AND datname NOT IN ('template0', 'template1') ORDER BY datname
      """;

  private Databases() {}

  /** All of them, by name. */
  public static List<Database> of(PgServer server) {
    try (var session = server.connect()) {
      return session.query(ALL, row -> new Database(row.getLong(1), row.getString(2)));
    }
  }

  /** Their names. */
  public static List<String> namesOf(PgServer server) {
    return of(server).stream().map(Database::name).toList();
  }
}
