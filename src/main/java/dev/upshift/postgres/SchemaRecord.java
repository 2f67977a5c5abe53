package dev.upshift.postgres;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a database's schema, and the cluster's roles and settings, were like when the stream began:
 * logical replication carries no change of them. Kept in the table {@code upshift.schema_then} of
 * the same server, a hash for each object, so that numbers of objects need not be translated and a
 * change is named by the object that it is about. Data, statistics and storage do not count.
 */
public final class SchemaRecord {
  private static final String USER_SPACE =
      "(SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'upshift'))";
  private static final String USER_CLASS =
      "(SELECT oid FROM pg_class WHERE relnamespace IN " + USER_SPACE + ")";

  /** REINDEX CONCURRENTLY gives an index another number; what it is says pg_get_indexdef. */
  private static final String INDEXES = "(SELECT indexrelid FROM pg_catalog.pg_index)";

  /** What changes in a row without a change of the schema. */
  private static final String VOLATILE =
      "'{relfilenode,relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,relminmxid,relhassubclass,relhasindex,relhastriggers,relhasrules,datfrozenxid,datminmxid,dathasloginevt,indcheckxmin,subskiplsn,reltoastrelid,relispopulated,atthasmissing,attmissingval,indisclustered,indexrelid,conindid,tgconstrindid}'::text[]";

  /**
   * A catalog whose rows are the schema.
   *
   * @param since the version that brought it
   * @param object what a row is about, as people call it
   * @param which the rows that count
   */
  private record Catalog(int since, String name, String object, String which) {
    String rows() {
      return "SELECT '%1$s', (%2$s)::text, md5((to_jsonb(t) - %4$s)::text) FROM pg_catalog.%1$s t WHERE %3$s"
          .formatted(name, object, which, VOLATILE);
    }
  }

  private static Catalog of(String name, String object, String which) {
    return new Catalog(9, name, object, which);
  }

  private static Catalog ofClass(String name, String column) {
    return of(name, column + "::regclass", column + " IN " + USER_CLASS);
  }

  private static final List<Catalog> OF_DATABASE =
      List.of(
          of("pg_namespace", "nspname", "nspname !~ '^pg_(toast_)?temp' AND nspname <> 'upshift'"),
          of(
              "pg_class",
              "oid::regclass",
              "oid NOT IN " + INDEXES + " AND relnamespace IN " + USER_SPACE),
          of(
              "pg_attribute",
              "attrelid::regclass || '.' || attname",
              "attnum > 0 AND attrelid IN " + USER_CLASS + " AND attrelid NOT IN " + INDEXES),
          ofClass("pg_attrdef", "adrelid"),
          of("pg_index", "pg_get_indexdef(indexrelid)", "indexrelid IN " + USER_CLASS),
          ofClass("pg_trigger", "tgrelid"),
          ofClass("pg_rewrite", "ev_class"),
          ofClass("pg_policy", "polrelid"),
          of(
              "pg_inherits",
              "inhrelid::regclass",
              "inhrelid IN " + USER_CLASS + " AND inhrelid NOT IN " + INDEXES),
          ofClass("pg_foreign_table", "ftrelid"),
          new Catalog(10, "pg_sequence", "seqrelid::regclass", "seqrelid IN " + USER_CLASS),
          new Catalog(
              10, "pg_partitioned_table", "partrelid::regclass", "partrelid IN " + USER_CLASS),
          new Catalog(10, "pg_statistic_ext", "stxname", "stxnamespace IN " + USER_SPACE),
          new Catalog(10, "pg_publication", "pubname", "pubname <> 'upshift'"),
          new Catalog(10, "pg_publication_rel", "prrelid::regclass", "true"),
          of("pg_constraint", "conname", "connamespace IN " + USER_SPACE),
          of("pg_proc", "oid::regprocedure", "pronamespace IN " + USER_SPACE),
          of(
              "pg_aggregate",
              "aggfnoid",
              "aggfnoid IN (SELECT oid FROM pg_proc WHERE pronamespace IN " + USER_SPACE + ")"),
          of("pg_type", "oid::regtype", "typnamespace IN " + USER_SPACE),
          of("pg_enum", "enumtypid::regtype || '.' || enumlabel", "true"),
          of("pg_operator", "oid::regoperator", "oprnamespace IN " + USER_SPACE),
          of("pg_opclass", "opcname", "opcnamespace IN " + USER_SPACE),
          of("pg_opfamily", "opfname", "opfnamespace IN " + USER_SPACE),
          of("pg_collation", "collname", "collnamespace IN " + USER_SPACE),
          of("pg_conversion", "conname", "connamespace IN " + USER_SPACE),
          of("pg_ts_config", "cfgname", "cfgnamespace IN " + USER_SPACE),
          of("pg_ts_dict", "dictname", "dictnamespace IN " + USER_SPACE),
          of("pg_cast", "castsource::regtype || ' AS ' || casttarget::regtype", "oid >= 16384"),
          of("pg_language", "lanname", "true"),
          of("pg_extension", "extname", "true"),
          of("pg_event_trigger", "evtname", "evtname NOT LIKE 'upshift\\_guard%'"),
          of("pg_default_acl", "defaclrole::regrole", "true"),
          of("pg_foreign_data_wrapper", "fdwname", "true"),
          of("pg_foreign_server", "srvname", "true"),
          of("pg_user_mapping", "oid", "true"),
          of("pg_largeobject_metadata", "oid", "true"));

  private static final List<Catalog> OF_CLUSTER =
      List.of(
          of("pg_authid", "rolname", "rolname <> 'upshift'"),
          of("pg_auth_members", "roleid::regrole || ' TO ' || member::regrole", "true"),
          of("pg_db_role_setting", "setdatabase || ' ' || setrole", "true"),
          of("pg_tablespace", "spcname", "true"),
          of("pg_database", "datname", "true"));

  private static final String CREATE =
      "CREATE TABLE IF NOT EXISTS upshift.schema_then (kind text NOT NULL, object text NOT NULL, hash text NOT NULL)";
  private static final String DIFFERENCES =
      """
      WITH now (kind, object, hash) AS MATERIALIZED ({now}), was AS MATERIALIZED (SELECT kind, object, hash FROM upshift.schema_then)
      SELECT DISTINCT kind || ' ' || object FROM ((TABLE now EXCEPT ALL TABLE was) UNION ALL (TABLE was EXCEPT ALL TABLE now)) d (kind, object, hash)
      ORDER BY 1 LIMIT 10
      """;

  private SchemaRecord() {}

  /** Makes the table, before anything is copied: who follows one day must have it on both sides. */
  public static void create(Sql session) {
    session.execute(CREATE);
  }

  /** Takes it down, in place of an earlier one. */
  public static void take(PgServer server, String database) {
    try (var session = server.connect(database)) {
      create(session);
      session.execute(retake(server, database));
    }
  }

  /**
   * Changes the schema and takes it down as it is then, or does neither: a change of ours that is
   * not in the record would look like somebody else's.
   */
  public static void takeAfter(Sql session, String changes, PgServer server, String database) {
    session.execute(changes + "; " + retake(server, database));
  }

  /** One transaction, as statements that are sent together are: half of it would be a change. */
  private static String retake(PgServer server, String database) {
    return "TRUNCATE upshift.schema_then; INSERT INTO upshift.schema_then "
        + rows(server, database);
  }

  /**
   * What has changed in each of these databases since it was taken down; ten objects each at most.
   */
  public static Map<String, List<String>> changes(PgServer server, List<String> databases) {
    return databases.stream()
        .map(database -> Map.entry(database, changes(server, database)))
        .filter(found -> !found.getValue().isEmpty())
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static List<String> changes(PgServer server, String database) {
    var sql = DIFFERENCES.replace("{now}", rows(server, database));
    try (var session = server.connect(database)) {
      if (!session.isTrue("SELECT to_regclass('upshift.schema_then') IS NOT NULL")) {
        return List.of("the record of it is gone");
      }
      return session.query(
          server.version().atLeast(12) ? sql : sql.replace("AS MATERIALIZED", "AS"),
          row -> row.getString(1));
    }
  }

  private static String rows(PgServer server, String database) {
    var catalogs = new java.util.ArrayList<>(OF_DATABASE);
    if (database.equals(server.admin().database())) {
      catalogs.addAll(OF_CLUSTER);
    }
    return catalogs.stream()
        .filter(catalog -> server.version().atLeast(catalog.since()))
        .map(Catalog::rows)
        .collect(Collectors.joining(" UNION ALL "));
  }
}
