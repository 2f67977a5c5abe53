package dev.upshift.probe;

import dev.upshift.probe.ledger.ProbeTables;
import dev.upshift.probe.log.AnsweringServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** Reads one row that must be there. */
final class ReadWork implements Work {
  private static final String READ =
      """
      SELECT coalesce(host(inet_server_addr()), ''), current_setting('server_version_num')::int
      FROM upshift_probe.read_rows WHERE id = ?
      """;

  /** An empty statement on a held connection; a new one has just answered. */
  @Override
  public void greet(Connection connection, boolean held) throws SQLException {
    if (held) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("");
      }
    }
  }

  @Override
  public boolean mayRepeat() {
    return true;
  }

  @Override
  public Optional<Ending> findDone(Connection connection, long n) {
    return Optional.empty();
  }

  @Override
  public Ending carryOut(Connection connection, long n) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setInt(1, 1 + (int) (n % ProbeTables.READ_ROWS));
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Ending.ok(new AnsweringServer(row.getString(1), row.getInt(2), ""))
            : Ending.withoutData(AnsweringServer.NONE);
      }
    }
  }
}
