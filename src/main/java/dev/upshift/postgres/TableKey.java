package dev.upshift.postgres;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a table's rows are told apart by: the columns of its primary key or of the index that is its
 * replica identity; none where all columns are.
 *
 * @param table schema and name, quoted
 * @param columns quoted, with their types
 * @param rows how many rows the planner believes it has
 */
record TableKey(String table, List<Column> columns, long rows) {

  /** A column. */
  record Column(String name, String type) {}

  private static final String KEY =
      """
      SELECT quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)
      FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (number, place)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
      WHERE i.indrelid = ?::regclass AND k.place <= i.indnatts AND i.indexrelid = (
        SELECT c.indexrelid FROM pg_index c WHERE c.indrelid = i.indrelid AND (c.indisprimary OR c.indisreplident) ORDER BY c.indisprimary DESC LIMIT 1)
      ORDER BY k.place
      """;

  private static final String ROWS =
      "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = ?::regclass";

  static TableKey of(Sql session, String table) {
    var columns = session.query(KEY, row -> new Column(row.getString(1), row.getString(2)), table);
    long rows = session.value(ROWS, table).map(Long::parseLong).orElse(0L);
    return new TableKey(table, columns, rows);
  }

  boolean isKeyed() {
    return !columns.isEmpty();
  }

  /** The key's columns, divided by commas. */
  String names() {
    return columns.stream().map(Column::name).collect(Collectors.joining(", "));
  }

  /** As many parameters as the key has columns, each of its column's type. */
  String parameters() {
    return columns.stream()
        .map(column -> "?::text::" + column.type())
        .collect(Collectors.joining(", "));
  }

  /** Every n-th key in the key's order, as text, the last one excepted. */
  List<List<String>> everyNth(Sql session, long n) {
    if (!isKeyed() || rows <= n) {
      return List.of();
    }
    var asText = columns.stream().map(c -> c.name() + "::text").collect(Collectors.joining(", "));
    var sql =
        "SELECT ARRAY[%s] FROM (SELECT %s, row_number() OVER (ORDER BY %s) AS upshift_number FROM ONLY %s) r WHERE upshift_number %% ? = 0 ORDER BY %s"
            .formatted(asText, names(), names(), table, names());
    return session.query(sql, row -> List.of((String[]) row.getArray(1).getArray()), n);
  }
}
