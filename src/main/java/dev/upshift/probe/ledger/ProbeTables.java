package dev.upshift.probe.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The probe's schema {@code upshift_probe}, on any server from 9.6 on.
 *
 * <p>Two tables hold the same rows: the one with a key shows a row applied twice as a replication
 * error, the one without lets it in and shows it as a double. Each row is stamped by the server
 * that accepted it: defaults are not evaluated again where a row arrives by replication.
 */
public final class ProbeTables {
  /** The schema that everything of the probe stands in. */
  public static final String SCHEMA = "upshift_probe";

  /** How many rows the read table has; their ids are 1 to this. */
  public static final int READ_ROWS = 100;

  private static final String CREATE_SCHEMA =
      """
      CREATE SCHEMA IF NOT EXISTS upshift_probe
      """;

  /** NULL where the role may not ask; a managed server may have revoked it. */
  private static final String CREATE_SYSTEM_IDENTIFIER =
      """
      CREATE OR REPLACE FUNCTION upshift_probe.system_identifier() RETURNS bigint
      LANGUAGE plpgsql AS $$
      BEGIN
        IF has_function_privilege('pg_catalog.pg_control_system()', 'execute') THEN
          RETURN (SELECT system_identifier FROM pg_catalog.pg_control_system());
        END IF;
        RETURN NULL;
      END
      $$
      """;

  /**
   * A function that chooses when it runs: a default that names the function of 9.6 could not be
   * restored by pg_upgrade on 10 or newer, where it has another name.
   */
  private static final String CREATE_WAL_POSITION =
      """
      CREATE OR REPLACE FUNCTION upshift_probe.wal_position() RETURNS pg_catalog.pg_lsn
      LANGUAGE plpgsql AS $$
      BEGIN
        IF current_setting('server_version_num')::int >= 100000 THEN
          RETURN pg_catalog.pg_current_wal_insert_lsn();
        END IF;
        RETURN pg_catalog.pg_current_xlog_insert_location();
      END
      $$
      """;

  private static final String LEDGER_COLUMNS =
      """
      writer text NOT NULL,
      n bigint NOT NULL,
      system_identifier bigint DEFAULT upshift_probe.system_identifier(),
      server_addr inet DEFAULT inet_server_addr(),
      server_port int DEFAULT inet_server_port(),
      version_num int NOT NULL DEFAULT current_setting('server_version_num')::int,
      wal_position pg_lsn NOT NULL DEFAULT upshift_probe.wal_position(),
      xact bigint NOT NULL DEFAULT txid_current(),
      written_at timestamptz NOT NULL DEFAULT clock_timestamp()\
      """;

  private static final String CREATE_KEYED =
      """
      CREATE TABLE IF NOT EXISTS upshift_probe.ledger_keyed (
      %s,
        PRIMARY KEY (writer, n))
      """
          .formatted(LEDGER_COLUMNS);

  private static final String CREATE_KEYLESS =
      """
      CREATE TABLE IF NOT EXISTS upshift_probe.ledger_keyless (
      %s)
      """
          .formatted(LEDGER_COLUMNS);

  private static final String IDENTIFY_KEYLESS =
      """
      ALTER TABLE upshift_probe.ledger_keyless REPLICA IDENTITY FULL
      """;

  private static final String CREATE_READ_ROWS =
      """
      CREATE TABLE IF NOT EXISTS upshift_probe.read_rows (id int PRIMARY KEY, body text NOT NULL)
      """;

  private static final String FILL_READ_ROWS =
      """
      INSERT INTO upshift_probe.read_rows
      SELECT id, md5(id::text) FROM generate_series(1, %d) AS id
      ON CONFLICT DO NOTHING
      """
          .formatted(READ_ROWS);

  private static final String GRANT_SCHEMA = "GRANT USAGE ON SCHEMA upshift_probe TO {role}";
  private static final String GRANT_LEDGER =
      """
      GRANT SELECT, INSERT ON upshift_probe.ledger_keyed, upshift_probe.ledger_keyless TO {role}
      """;
  private static final String GRANT_READ_ROWS = "GRANT SELECT ON upshift_probe.read_rows TO {role}";

  private static final String DROP_TABLES =
      """
      DROP TABLE IF EXISTS upshift_probe.ledger_keyed, upshift_probe.ledger_keyless,
        upshift_probe.read_rows
      """;
  private static final String DROP_SYSTEM_IDENTIFIER =
      "DROP FUNCTION IF EXISTS upshift_probe.system_identifier()";
  private static final String DROP_WAL_POSITION =
      "DROP FUNCTION IF EXISTS upshift_probe.wal_position()";
  private static final String DROP_SCHEMA = "DROP SCHEMA IF EXISTS upshift_probe";

  private ProbeTables() {}

  /**
   * Creates what is not there yet, in one transaction, and lets the role read and write it.
   *
   * @param connection as a role that may create a schema; its open transaction, if any, is
   *     committed with it
   * @param role the probe's role, which must exist
   */
  public static void create(Connection connection, String role) throws SQLException {
    String quoted = '"' + role.replace("\"", "\"\"") + '"';
    inOneTransaction(
        connection,
        List.of(
            CREATE_SCHEMA,
            CREATE_SYSTEM_IDENTIFIER,
            CREATE_WAL_POSITION,
            CREATE_KEYED,
            CREATE_KEYLESS,
            IDENTIFY_KEYLESS,
            CREATE_READ_ROWS,
            FILL_READ_ROWS,
            GRANT_SCHEMA.replace("{role}", quoted),
            GRANT_LEDGER.replace("{role}", quoted),
            GRANT_READ_ROWS.replace("{role}", quoted)));
  }

  /**
   * Drops them again, in one transaction; nothing happens where they are not.
   *
   * @throws SQLException also when something that is not the probe's stands in its schema
   */
  public static void drop(Connection connection) throws SQLException {
    // Tables first: their defaults depend on the functions.
    inOneTransaction(
        connection, List.of(DROP_TABLES, DROP_SYSTEM_IDENTIFIER, DROP_WAL_POSITION, DROP_SCHEMA));
  }

  private static void inOneTransaction(Connection connection, List<String> statements)
      throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
      connection.commit();
    } finally {
      if (!connection.isClosed()) {
        connection.rollback();
        connection.setAutoCommit(autoCommit);
      }
    }
  }
}
