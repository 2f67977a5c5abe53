package dev.upshift.probe.ledger;

import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.Outcome;
import dev.upshift.probe.log.ProbeLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares the ledger's tables with what the log says was acknowledged. */
public final class LedgerCheck {
  private static final int MAX_EXAMPLES = 10;
  private static final int FETCH_ROWS = 10_000;

  /** One statement and so one snapshot: the two tables are compared as they stood together. */
  private static final String COPIES =
      """
      SELECT writer, n, coalesce(keyed.copies, 0), coalesce(keyless.copies, 0)
      FROM (SELECT writer, n, count(*) AS copies FROM upshift_probe.ledger_keyed
            GROUP BY writer, n) AS keyed
      FULL JOIN (SELECT writer, n, count(*) AS copies FROM upshift_probe.ledger_keyless
            GROUP BY writer, n) AS keyless USING (writer, n)
      """;

  private final Map<String, Map<Long, Outcome>> outstanding = new HashMap<>();
  private final Findings lost = new Findings();
  private final Findings duplicated = new Findings();
  private final Findings invented = new Findings();
  private final Findings unknown = new Findings();
  private long acknowledged;
  private long otherRows;

  private LedgerCheck() {}

  /**
   * Checks every write of the log.
   *
   * @param connection to the server that must have them all; in autocommit mode
   * @param log read after its probe had ended: a write made after the reading would count as
   *     invented
   * @throws IllegalStateException when the probe still runs
   */
  public static LedgerResult check(Connection connection, ProbeLog log) throws SQLException {
    if (log.running().isPresent()) {
      throw new IllegalStateException("the probe still writes: the ledger is checked after it");
    }
    var check = new LedgerCheck();
    check.expect(log);
    check.compare(connection);
    return check.conclude();
  }

  private void expect(ProbeLog log) {
    for (Lane lane : Lane.values()) {
      if (lane.writes()) {
        outstanding.put(log.writer(lane), new HashMap<>());
      }
    }
    for (Attempt attempt : log.attempts()) {
      if (attempt.lane().writes()) {
        expect(log.writer(attempt.lane()), attempt.n(), attempt.outcome());
      }
    }
    for (ProbeLog.Unanswered write : log.unanswered()) {
      expect(log.writer(write.lane()), write.n(), Outcome.UNKNOWN);
    }
  }

  private void expect(String writer, long n, Outcome outcome) {
    outstanding.computeIfAbsent(writer, _ -> new HashMap<>()).put(n, outcome);
    switch (outcome) {
      case OK -> acknowledged++;
      case UNKNOWN -> unknown.add(writer, n);
      case FAIL -> {
        // Expected to be nowhere; found rows will convict it.
      }
    }
  }

  private void compare(Connection connection) throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    // Without a transaction pgjdbc reads the whole result into memory.
    connection.setAutoCommit(false);
    try (PreparedStatement statement = connection.prepareStatement(COPIES)) {
      statement.setFetchSize(FETCH_ROWS);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          judge(row.getString(1), row.getLong(2), row.getLong(3), row.getLong(4));
        }
      }
    } finally {
      if (!connection.isClosed()) {
        connection.rollback();
        connection.setAutoCommit(autoCommit);
      }
    }
  }

  private void judge(String writer, long n, long keyed, long keyless) {
    Map<Long, Outcome> ours = outstanding.get(writer);
    if (ours == null) {
      otherRows += keyed + keyless;
      return;
    }
    Outcome outcome = ours.remove(n);
    if (outcome == null || outcome == Outcome.FAIL) {
      invented.add(writer, n);
    } else if (keyed == 0 || keyless == 0) {
      lost.add(writer, n);
    }
    if (keyed > 1 || keyless > 1) {
      duplicated.add(writer, n);
    }
  }

  private LedgerResult conclude() {
    outstanding.forEach((writer, left) ->
        left.entrySet().stream()
            .filter(write -> write.getValue() == Outcome.OK)
            .map(Map.Entry::getKey)
            .sorted()
            .forEach(n -> lost.add(writer, n)));
    return new LedgerResult(
        acknowledged,
        unknown.count,
        lost.count,
        duplicated.count,
        invented.count,
        otherRows,
        lost.examples(),
        duplicated.examples(),
        invented.examples(),
        unknown.examples());
  }

  /** A count and its first examples. */
  private static final class Findings {
    private final List<String> examples = new ArrayList<>();
    private long count;

    void add(String writer, long n) {
      count++;
      if (examples.size() < MAX_EXAMPLES) {
        examples.add(writer + "/" + n);
      }
    }

    List<String> examples() {
      return List.copyOf(examples);
    }
  }
}
