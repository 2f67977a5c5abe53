package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.Witness;
import dev.upshift.probe.ledger.LedgerCheck;
import dev.upshift.probe.ledger.LedgerResult;
import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.Outcome;
import dev.upshift.probe.log.ProbeLog;
import dev.upshift.run.RunFolder;
import dev.upshift.run.Stage;
import dev.upshift.testing.SharedLabs;
import dev.upshift.testing.Stopwatch;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Somebody deletes an acknowledged row of an upgraded cluster and doubles another: a checker that
 * says "nothing lost" of everything would be no checker.
 */
@Tag("real")
@ExtendWith({SharedLabs.class, Stopwatch.class})
class CheckerConvictsStory {
  private static final String COLUMNS =
      "writer, n, system_identifier, server_addr, server_port, version_num, wal_position, xact, written_at";

  @Test
  void shouldFindExactlyTheLostAndTheDoubledRow(SharedLabs.Labs labs) throws Exception {
    var topology = labs.upgradedServers().topology();
    var log = ProbeLog.read(RunFolder.latest(topology).orElseThrow().probeLog());
    var primary = Stage.live(topology, Path.of("unused"), Witness.NONE).newPrimary();
    var acknowledged =
        log.attempts().stream()
            .filter(attempt -> attempt.lane().writes() && attempt.outcome() == Outcome.OK)
            .toList();
    var first = acknowledged.getFirst();
    var last = acknowledged.getLast();

    try (var connection = primary.jdbc("podcasts")) {
      assertThat(LedgerCheck.check(connection, log).clean()).isTrue();
      execute(connection, "BEGIN");
      execute(connection, "DELETE FROM upshift_probe.ledger_keyed " + where(log, first));
      execute(connection, "DELETE FROM upshift_probe.ledger_keyless " + where(log, first));
      execute(
          connection,
          "INSERT INTO upshift_probe.ledger_keyless SELECT "
              + COLUMNS
              + " FROM upshift_probe.ledger_keyless "
              + where(log, last));
      execute(connection, "COMMIT");

      var result = LedgerCheck.check(connection, log);
      System.out.printf(
          "story: of %d acknowledged writes lost=%d duplicated=%d%n",
          result.acknowledged(), result.lost(), result.duplicated());
      assertThat(result)
          .returns(1L, LedgerResult::lost)
          .returns(1L, LedgerResult::duplicated)
          .returns(0L, LedgerResult::invented)
          .returns((long) acknowledged.size(), LedgerResult::acknowledged);
      assertThat(result.lostExamples()).containsExactly(name(log, first));
      assertThat(result.duplicatedExamples()).containsExactly(name(log, last));
    }
  }

  private static String name(ProbeLog log, Attempt write) {
    return log.writer(write.lane()) + "/" + write.n();
  }

  private static String where(ProbeLog log, Attempt write) {
    return "WHERE writer = '" + log.writer(write.lane()) + "' AND n = " + write.n();
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
