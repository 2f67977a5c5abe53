package dev.upshift.probe.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.probe.log.AnsweringServer;
import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.Outcome;
import dev.upshift.probe.log.ProbeLog;
import dev.upshift.probe.log.ProbeLogWriter;
import dev.upshift.testing.ThrowawayServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checker must convict: ten acknowledged writes, one failed, one unknown, then a crime. */
@Tag("real")
final class LedgerCheckOnRealServerTest {
  private static final long FAILED = 11;
  private static final long UNKNOWN = 12;
  private static ThrowawayServer server;

  @TempDir Path folder;
  private Connection connection;
  private ProbeLog log;
  private String writer;

  @BeforeAll
  static void startServer() throws IOException {
    server = ThrowawayServer.start(ThrowawayServer.DEBIAN_15);
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @BeforeEach
  void writeLedger() throws IOException, SQLException {
    connection = server.connect();
    ProbeTables.create(connection, ThrowawayServer.ADMIN);
    Path file = folder.resolve("probe.log");
    try (var out = ProbeLogWriter.open(file)) {
      out.begin(Instant.now(), 20);
      writer = out.writer(Lane.WRITE_KEPT);
      for (long n = 1; n <= 10; n++) {
        LedgerWriter.insert(connection, writer, n);
        out.invoke(Lane.WRITE_KEPT, n, 0, 0);
        out.result(result(n, Outcome.OK));
      }
      out.result(result(FAILED, Outcome.FAIL));
      out.invoke(Lane.WRITE_KEPT, UNKNOWN, 0, 0);
      out.end(Instant.now(), 1);
    }
    log = ProbeLog.read(file);
  }

  @AfterEach
  void dropLedger() throws SQLException {
    ProbeTables.drop(connection);
    connection.close();
  }

  private static Attempt result(long n, Outcome outcome) {
    return new Attempt(0, Lane.WRITE_KEPT, n, 0, 0, 0, 0, 0, outcome, "", 0, AnsweringServer.NONE);
  }

  @Test
  void shouldFindNothingWrongWithALedgerThatIsRight() throws SQLException {
    LedgerResult found = LedgerCheck.check(connection, log);
    assertThat(found.clean()).isTrue();
    assertThat(found.acknowledged()).isEqualTo(10);
    assertThat(found.unknown()).isEqualTo(1);
    assertThat(found.unknownExamples()).containsExactly(writer + "/12");
    execute("INSERT INTO upshift_probe.ledger_keyed (writer, n) VALUES ('another-log', ?)", 1);
    assertThat(LedgerCheck.check(connection, log).clean()).isTrue();
    assertThat(LedgerCheck.check(connection, log).otherRows()).isEqualTo(1);
  }

  @Test
  void shouldConvictOneWriteLostFromOneTableOrFromBoth() throws SQLException {
    execute("DELETE FROM upshift_probe.ledger_keyed WHERE n = ?", 3);
    assertFound(1, 0, 0);
    execute("DELETE FROM upshift_probe.ledger_keyless WHERE n = ?", 3);
    assertThat(assertFound(1, 0, 0).lostExamples()).containsExactly(writer + "/3");
    execute("DELETE FROM upshift_probe.ledger_keyless WHERE n = ?", 4);
    assertFound(2, 0, 0);
  }

  @Test
  void shouldConvictOneDoubledWriteOnce() throws SQLException {
    String twice =
        """
        INSERT INTO upshift_probe.ledger_keyless
        SELECT * FROM upshift_probe.ledger_keyless WHERE n = ? LIMIT 1
        """;
    execute(twice, 5);
    execute(twice, 5);
    assertThat(assertFound(0, 1, 0).duplicatedExamples()).containsExactly(writer + "/5");
  }

  @Test
  void shouldConvictWritesThatNobodyMadeOrThatHadFailed() throws SQLException {
    LedgerWriter.insert(connection, writer, FAILED);
    LedgerWriter.insert(connection, writer, 99);
    assertThat(assertFound(0, 0, 2).inventedExamples())
        .containsExactlyInAnyOrder(writer + "/11", writer + "/99");
  }

  @Test
  void shouldTakeAnUnknownWriteWhollyOrNotAtAll() throws SQLException {
    LedgerWriter.insert(connection, writer, UNKNOWN);
    assertFound(0, 0, 0);
    execute("DELETE FROM upshift_probe.ledger_keyless WHERE n = ?", UNKNOWN);
    assertFound(1, 0, 0);
  }

  @Test
  void shouldRefuseWhileTheProbeRuns() throws IOException {
    Path file = folder.resolve("running.log");
    try (var out = ProbeLogWriter.open(file)) {
      out.begin(Instant.now(), 20);
      ProbeLog running = ProbeLog.read(file);
      assertThatThrownBy(() -> LedgerCheck.check(connection, running))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void shouldStampRowsWithTheServerThatAcceptedThem() throws SQLException {
    String sql =
        """
        SELECT count(*) FROM upshift_probe.ledger_keyless
        WHERE n <= ? AND version_num = current_setting('server_version_num')::int
          AND system_identifier = (SELECT system_identifier FROM pg_control_system())
          AND server_port = inet_server_port() AND server_addr = inet_server_addr()
          AND wal_position <= pg_current_wal_insert_lsn()
          AND xact <= txid_current()
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, 10);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        assertThat(row.getLong(1)).isEqualTo(10);
      }
    }
  }

  private LedgerResult assertFound(long lost, long duplicated, long invented) throws SQLException {
    LedgerResult found = LedgerCheck.check(connection, log);
    assertThat(List.of(found.lost(), found.duplicated(), found.invented()))
        .containsExactly(lost, duplicated, invented);
    return found;
  }

  private void execute(String sql, long n) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, n);
      assertThat(statement.executeUpdate()).isEqualTo(1);
    }
  }
}
