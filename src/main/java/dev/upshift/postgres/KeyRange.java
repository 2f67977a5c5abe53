package dev.upshift.postgres;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is compared in one piece: the rows of a table behind one key, up to another. */
record KeyRange(TableKey key, List<String> after, List<String> upTo) {
  private static final int ROWS_AT_ONCE = 50_000;

  /**
   * A row or a range as it was read.
   *
   * @param content equal on both sides for the same rows
   * @param version on one side, equal for rows that nobody has written meanwhile
   */
  record Read(String content, String version) {
    boolean sameContent(@Nullable Read other) {
      return other != null && content.equals(other.content);
    }
  }

  /** All rows of a table, in pieces. */
  static List<KeyRange> allOf(TableKey key, Sql session) {
    var ranges = new ArrayList<KeyRange>();
    List<String> after = List.of();
    for (var boundary : key.everyNth(session, ROWS_AT_ONCE)) {
      ranges.add(new KeyRange(key, after, boundary));
      after = boundary;
    }
    ranges.add(new KeyRange(key, after, List.of()));
    return ranges;
  }

  private String where() {
    var tuple = "(" + key.names() + ")";
    var value = "(" + key.parameters() + ")";
    var conditions = new ArrayList<String>();
    if (!after.isEmpty()) {
      conditions.add(tuple + " > " + value);
    }
    if (!upTo.isEmpty()) {
      conditions.add(tuple + " <= " + value);
    }
    return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
  }

  private Object[] parameters() {
    var all = new ArrayList<>(after);
    all.addAll(upTo);
    return all.toArray();
  }

  /** Equal for equal rows in any order; then, equal for the same versions of them. */
  private String hashSql() {
    return "SELECT count(*) || ' ' || coalesce(sum(('x' || substr(md5((r.*)::text), 1, 15))::bit(60)::bigint), 0), coalesce(sum(r.xmin::text::bigint), 0) FROM ONLY "
        + key.table()
        + " r"
        + where();
  }

  private String rowsSql() {
    return "SELECT ROW(%s)::text, md5((r.*)::text), r.xmin::text FROM ONLY %s r%s"
        .formatted(key.names(), key.table(), where());
  }

  /** All of it, as one. */
  Read read(Sql session) {
    return session
        .query(hashSql(), row -> new Read(row.getString(1), row.getString(2)), parameters())
        .getFirst();
  }

  /** Each of its rows, by its key. */
  Map<String, Read> rows(Sql session) {
    var rows = new HashMap<String, Read>();
    session
        .query(
            rowsSql(),
            row -> Map.entry(row.getString(1), new Read(row.getString(2), row.getString(3))),
            parameters())
        .forEach(row -> rows.put(row.getKey(), row.getValue()));
    return rows;
  }
}
