package dev.upshift.testing;

import dev.upshift.probe.ledger.LedgerCheck;
import dev.upshift.probe.ledger.LedgerResult;
import dev.upshift.probe.ledger.LedgerWriter;
import dev.upshift.probe.log.AnsweringServer;
import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.Outcome;
import dev.upshift.probe.log.ProbeLog;
import dev.upshift.probe.log.ProbeLogWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;

/**
 * A client that writes into the ledger when it is told to, keeps the log that a probe would keep,
 * and asks the checker in the end.
 */
public final class LedgerClient {
  private static final Lane LANE = Lane.WRITE_KEPT;

  private final Path file;
  private final ProbeLogWriter log;
  private long last;

  /** One that keeps its log in this file, which is not there yet. */
  public LedgerClient(Path file) throws IOException {
    this.file = file;
    this.log = ProbeLogWriter.open(file);
    log.begin(Instant.now(), 1);
  }

  /** Makes so many writes, each a transaction of its own; all of them are acknowledged. */
  public void write(Connection connection, int count) throws SQLException {
    for (int i = 0; i < count; i++) {
      commit(connection, begin(connection));
    }
  }

  /** Begins a transaction with one write in it; returns the write's number. */
  public long begin(Connection connection) throws SQLException {
    long n = ++last;
    log.invoke(LANE, n, 0, 0);
    connection.setAutoCommit(false);
    LedgerWriter.insert(connection, log.writer(LANE), n);
    return n;
  }

  /** Commits it; from now on it counts as acknowledged. */
  public void commit(Connection connection, long n) throws SQLException {
    connection.commit();
    connection.setAutoCommit(true);
    log.result(ended(n, Outcome.OK));
  }

  /** Makes one write that may be turned away; returns whether it was acknowledged. */
  public boolean attempt(Connection connection) throws SQLException {
    long n;
    try {
      n = begin(connection);
    } catch (SQLException e) {
      // The server's refusal came before any COMMIT was sent.
      log.result(ended(last, Outcome.FAIL));
      return false;
    }
    commit(connection, n);
    return true;
  }

  private static Attempt ended(long n, Outcome outcome) {
    return new Attempt(0, LANE, n, 0, 0, 0, 0, 0, outcome, "", 0, AnsweringServer.NONE);
  }

  /** Ends, and asks what this server has of it; to be asked once. */
  public LedgerResult judge(Connection connection) throws IOException, SQLException {
    log.end(Instant.now(), 1);
    log.close();
    return look(connection);
  }

  /** Asks another server, after the end. */
  public LedgerResult look(Connection connection) throws IOException, SQLException {
    return LedgerCheck.check(connection, ProbeLog.read(file));
  }
}
