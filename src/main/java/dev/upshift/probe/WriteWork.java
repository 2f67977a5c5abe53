package dev.upshift.probe;

import dev.upshift.probe.ledger.LedgerWriter;
import dev.upshift.probe.ledger.Stamp;
import dev.upshift.probe.log.AnsweringServer;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/**
 * Writes one row into each of the ledger's tables, in one transaction.
 *
 * <p>What a break proves depends on where it happens. Before COMMIT is sent, nothing can ever be
 * committed: failed. COMMIT answered by an error on a living connection: failed. COMMIT sent and
 * the connection broken, also by 57P01 (a backend that waits for a synchronous standby commits
 * first and ends then): unknown, unless a look-up decides it.
 */
final class WriteWork implements Work {
  private final Connections connections;
  private final Lane lane;
  private final String writer;

  WriteWork(Connections connections, Lane lane, String writer) {
    this.connections = connections;
    this.lane = lane;
    this.writer = writer;
  }

  /** BEGIN, in a round trip of its own. */
  @Override
  public void greet(Connection connection, boolean held) throws SQLException {
    execute(connection, "BEGIN");
  }

  @Override
  public boolean mayRepeat() {
    return false;
  }

  @Override
  public Optional<Ending> findDone(Connection connection, long n) throws SQLException {
    return LedgerWriter.isThere(connection, writer, n)
        ? Optional.of(Ending.ok(AnsweringServer.NONE))
        : Optional.empty();
  }

  @Override
  public Ending carryOut(Connection connection, long n) throws SQLException {
    Stamp stamp = LedgerWriter.insert(connection, writer, n);
    try {
      execute(connection, "COMMIT");
      return Ending.ok(stamp.server());
    } catch (SQLException e) {
      return connection.isClosed() ? lookUp(n, stamp, e) : Ending.failed(e);
    }
  }

  private Ending lookUp(long n, Stamp stamp, SQLException broken) {
    try (var second = new Session(connections, lane)) {
      Outcome outcome = LedgerWriter.decide(second.connection(), writer, n, stamp);
      return Ending.ended(outcome, broken, stamp.server()).withMoreReconnects(1);
    } catch (SQLException e) {
      broken.addSuppressed(e);
      return Ending.ended(Outcome.UNKNOWN, broken, stamp.server());
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
