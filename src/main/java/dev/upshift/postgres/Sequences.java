package dev.upshift.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The positions of a database's sequences, which no logical replication carries before 19, and then
 * only from a 19 publisher. Read from the sequences themselves: pg_sequences does not say whether
 * the last value was given out.
 */
public final class Sequences {

  /**
   * Where a sequence stands.
   *
   * @param name schema and name, quoted
   */
  public record Position(String name, long lastValue, boolean called) {}

  private static final int AT_ONCE = 500;
  private static final String NAMES =
      """
      SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' ORDER BY 1
      """;
  private static final String SET =
      "SELECT setval(s.name::regclass, s.value, s.called) FROM unnest(?::text[], ?::bigint[], ?::boolean[]) AS s (name, value, called)";

  private Sequences() {}

  /** The sequences of the session's database. */
  public static List<String> names(Sql session) {
    return session.query(NAMES, row -> row.getString(1));
  }

  /** Where each of these sequences stands. */
  public static List<Position> read(Sql session, List<String> names) {
    var positions = new ArrayList<Position>();
    for (int from = 0; from < names.size(); from += AT_ONCE) {
      var sql =
          names.subList(from, Math.min(names.size(), from + AT_ONCE)).stream()
              .map(name -> "SELECT " + Sql.literal(name) + ", last_value, is_called FROM " + name)
              .collect(Collectors.joining(" UNION ALL "));
      positions.addAll(
          session.query(
              sql, row -> new Position(row.getString(1), row.getLong(2), row.getBoolean(3))));
    }
    return positions;
  }

  /** Brings sequences of the same names to these positions. */
  public static void set(Sql session, List<Position> positions) {
    if (!positions.isEmpty()) {
      session.execute(
          SET,
          positions.stream().map(Position::name).toArray(String[]::new),
          positions.stream().map(Position::lastValue).toArray(Long[]::new),
          positions.stream().map(Position::called).toArray(Boolean[]::new));
    }
  }
}
