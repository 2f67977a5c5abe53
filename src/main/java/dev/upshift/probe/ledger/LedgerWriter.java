package dev.upshift.probe.ledger;

import dev.upshift.probe.log.AnsweringServer;
import dev.upshift.probe.log.Outcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Writes into the ledger, and looks up what became of a write. */
public final class LedgerWriter {
  /** One statement, so that it is one round trip, and both rows or none. */
  private static final String INSERT =
      """
      WITH keyed AS (
        INSERT INTO upshift_probe.ledger_keyed (writer, n) VALUES (?, ?))
      INSERT INTO upshift_probe.ledger_keyless (writer, n) VALUES (?, ?)
      RETURNING coalesce(host(server_addr), ''), version_num,
        coalesce(system_identifier::text, ''), pg_postmaster_start_time(), pg_backend_pid()
      """;

  private static final String FIND =
      """
      SELECT coalesce(host(server_addr), ''), version_num, coalesce(system_identifier::text, '')
      FROM upshift_probe.ledger_keyed WHERE writer = ? AND n = ?
      """;

  /**
   * Whether the backend that got the COMMIT is gone from the very server that ran it. Only then has
   * its transaction come to its end, and a row that is not there will never be. Another server (a
   * standby, a promoted one) may lack a row that was committed, and proves nothing.
   */
  private static final String BACKEND_IS_GONE =
      """
      SELECT NOT pg_is_in_recovery()
        AND upshift_probe.system_identifier()::text = ?
        AND pg_postmaster_start_time() = ?
        AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ?)
      """;

  private LedgerWriter() {}

  /**
   * Writes both rows; the caller begins and commits the transaction.
   *
   * @return who accepted them
   */
  public static Stamp insert(Connection connection, String writer, long n) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setString(1, writer);
      statement.setLong(2, n);
      statement.setString(3, writer);
      statement.setLong(4, n);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Stamp(
            server(row), row.getObject(4, OffsetDateTime.class).toInstant(), row.getInt(5));
      }
    }
  }

  /** Whether the write's row is there: visible means committed, on whichever server. */
  public static boolean isThere(Connection connection, String writer, long n) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      statement.setString(1, writer);
      statement.setLong(2, n);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /**
   * What became of a write whose COMMIT was sent and not answered. {@code connection} must be in
   * autocommit mode, so that the row is looked for after the backend was seen gone.
   */
  public static Outcome decide(Connection connection, String writer, long n, Stamp stamp)
      throws SQLException {
    boolean over = backendIsGone(connection, stamp);
    if (isThere(connection, writer, n)) {
      return Outcome.OK;
    }
    return over ? Outcome.FAIL : Outcome.UNKNOWN;
  }

  private static boolean backendIsGone(Connection connection, Stamp stamp) throws SQLException {
    if (stamp.server().systemIdentifier().isEmpty()) {
      return false;
    }
    try (PreparedStatement statement = connection.prepareStatement(BACKEND_IS_GONE)) {
      statement.setString(1, stamp.server().systemIdentifier());
      statement.setObject(2, stamp.serverStarted().atOffset(ZoneOffset.UTC));
      statement.setInt(3, stamp.backendPid());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private static AnsweringServer server(ResultSet row) throws SQLException {
    return new AnsweringServer(row.getString(1), row.getInt(2), row.getString(3));
  }
}
