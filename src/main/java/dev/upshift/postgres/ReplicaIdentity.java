package dev.upshift.postgres;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What identifies a row for logical replication. Published without one, a table refuses UPDATE and
 * DELETE, to clients and at once (manual, "Publication"): so each table gets one before anything is
 * published, and on the old primary, so that both sides carry it.
 */
public final class ReplicaIdentity {

  /**
   * A table without an identity.
   *
   * @param table schema and name, quoted
   * @param kind as pg_class.relreplident has it: d (the primary key, which it has not), n, i (an
   *     index that is gone) or f
   * @param index the unique index over columns that are not null, if there is one
   * @param unequal columns whose type knows no equality: with them rows cannot be told apart by all
   *     columns
   */
  public record Lacking(String table, String kind, Optional<String> index, List<String> unequal) {}

  /**
   * A unique, complete, immediate index over columns that are not null serves as an identity
   * (src/backend/commands/tablecmds.c, ATExecReplicaIdentity).
   */
  private static final String LACKING =
      """
      SELECT format('%I.%I', n.nspname, c.relname), c.relreplident::text,
        (SELECT quote_ident(ic.relname) FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
          WHERE i.indrelid = c.oid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
            AND NOT EXISTS (SELECT FROM unnest(i.indkey::smallint[]) k JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k WHERE NOT a.attnotnull)
            AND NOT 0 = ANY (i.indkey::smallint[])
          ORDER BY i.indnatts, ic.relname LIMIT 1),
        ARRAY(SELECT a.attname::text FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            AND NOT EXISTS (SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
              WHERE o.opcdefault AND m.amname IN ('btree', 'hash')
                AND (o.opcintype = t.oid OR o.opcintype = t.typbasetype
                  OR (t.typtype = 'e' AND o.opcintype = 'anyenum'::regtype)
                  OR (t.typtype = 'c' AND o.opcintype = 'record'::regtype)
                  OR (t.typtype = 'r' AND o.opcintype = 'anyrange'::regtype)
                  OR (t.typtype = 'm' AND o.opcintype = (SELECT oid FROM pg_type WHERE typname = 'anymultirange'))
                  OR (t.typcategory = 'A' AND o.opcintype = 'anyarray'::regtype)
                  OR EXISTS (SELECT FROM pg_cast k WHERE k.castsource = t.oid AND k.casttarget = o.opcintype AND k.castmethod = 'b' AND k.castcontext = 'i')))
          ORDER BY a.attnum)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'upshift')
        AND (c.relreplident = 'n'
          OR c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indimmediate)
          OR c.relreplident = 'i' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident))
      ORDER BY 1
      """;

  private static final String KINDS =
      """
      SELECT c.relreplident::text FROM pg_class c WHERE c.oid = to_regclass(?)
      """;

  private ReplicaIdentity() {}

  /** The published tables of this database that have none. */
  public static List<Lacking> lacking(PgServer server, String database) {
    try (var session = server.connect(database)) {
      var sql =
          server.version().atLeast(12) ? LACKING : LACKING.replace(" AND a.attgenerated = ''", "");
      return session.query(
          sql,
          row ->
              new Lacking(
                  row.getString(1),
                  row.getString(2),
                  Optional.ofNullable(row.getString(3)),
                  List.of((String[]) row.getArray(4).getArray())));
    }
  }

  /** Gives a table its identity: the index, else all columns. */
  public static void give(Sql session, Lacking table) {
    alter(session, table.table(), table.index().map(i -> "USING INDEX " + i).orElse("FULL"));
  }

  /** Lets a table's rows be identified by all columns. */
  public static void giveFull(Sql session, Lacking table) {
    alter(session, table.table(), "FULL");
  }

  /** Brings back what these tables had, by database. */
  public static void takeBack(PgServer server, Map<String, List<Lacking>> tables) {
    tables.forEach((database, those) -> {
      try (var session = server.connect(database)) {
        those.forEach(table -> takeBack(session, table));
      }
    });
  }

  /** Brings back what it had; does nothing where the table is gone. */
  public static void takeBack(Sql session, Lacking table) {
    var now = session.value(KINDS, table.table()).orElse(table.kind());
    if (!now.equals(table.kind())) {
      alter(session, table.table(), table.kind().equals("n") ? "NOTHING" : "DEFAULT");
    }
  }

  /**
   * The lock keeps every other statement on the table waiting, and so does the wish for it:
   * therefore it is given up soon, and asked for again.
   */
  private static void alter(Sql session, String table, String identity) {
    session.execute("SET lock_timeout = '300ms'");
    try {
      var change = "ALTER TABLE " + table + " REPLICA IDENTITY " + identity;
      Patience.times(100, () -> session.execute(change));
    } finally {
      session.execute("SET lock_timeout = '10s'");
    }
  }
}
