package dev.upshift.scenarios;

import static dev.upshift.scenarios.NegativeControlsStory.tell;
import static dev.upshift.testing.Following.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Verdict;
import dev.upshift.host.Host;
import dev.upshift.postgres.Lsn;
import dev.upshift.postgres.Markers;
import dev.upshift.postgres.PgServer;
import dev.upshift.probe.ledger.LedgerResult;
import dev.upshift.probe.ledger.ProbeTables;
import dev.upshift.testing.AlteredHost;
import dev.upshift.testing.Following;
import dev.upshift.testing.LedgerClient;
import dev.upshift.testing.ServerPair;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Deadline;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots.Common;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What stands on both sides of the cut is there twice, where one safeguard is missing. The ledger's
 * tables have no key here: with one, apply would stop at the double for ever, and nothing would be
 * doubled.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class DoubledWithoutStory {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int WRITES = 10;
  private static final long PAGE_BYTES = 8192;
  private static final String NO_KEY =
      "ALTER TABLE upshift_probe.ledger_keyed DROP CONSTRAINT ledger_keyed_pkey";
  private static final String WAITED_FOR =
      "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted AND transactionid::text = ?)";

  @Test
  void shouldApplyTheTransactionAtTheCutTwiceWhereTheCutIncludesIt() throws Exception {
    var included =
        AlteredHost.of("recovery_target_inclusive = 'false'", "recovery_target_inclusive = 'true'");
    tell(
        "recovery_target_inclusive = false",
        cutAtACommit(included, "true"),
        cutAtACommit(UnaryOperator.identity(), "false"));
  }

  private static LedgerResult cutAtACommit(UnaryOperator<Host> between, String inclusive)
      throws Exception {
    try (var pair = ServerPair.start(between)) {
      var ledger = new LedgerClient(pair.file("ledger.log"));
      try (var client = pair.connect(pair.primary(), ServerPair.DATABASE)) {
        execute(client, NO_KEY);
        ledger.write(client, WRITES);
      }
      var following = new Following(pair);
      following.copy();
      var common = slotsRightBeforeACommit(pair, ledger);
      try (var client = pair.connect(pair.primary(), ServerPair.DATABASE)) {
        ledger.write(client, WRITES);
      }
      following.cutOff(common, Map.of());
      assertThat(pair.candidate().server().ask("SHOW recovery_target_inclusive").orElseThrow())
          .isEqualTo(inclusive.equals("true") ? "on" : "off");
      // The step's own look would not have passed it.
      assertThat(following.promotion(common).verify(NOTHING) instanceof Verdict.Ok)
          .isEqualTo(inclusive.equals("false"));
      following.subscribe(common);
      following.drain(common).apply(NOTHING);
      var result = judge(pair, ServerPair.DATABASE, ledger);
      assertThat(result.duplicated()).isEqualTo(inclusive.equals("true") ? 1 : 0);
      return result;
    }
  }

  /**
   * A slot whose position is where the COMMIT record of a write begins, the write itself before it.
   * The slot's making waits for who began before it, twice; the write begins after the second wait
   * has, and so is not waited for.
   */
  private static Common slotsRightBeforeACommit(ServerPair pair, LedgerClient ledger)
      throws Exception {
    try (var first = pair.connect(pair.primary(), ServerPair.DATABASE);
        var second = pair.connect(pair.primary(), ServerPair.DATABASE);
        var third = pair.connect(pair.primary(), ServerPair.DATABASE)) {
      var one = begin(first);
      var making = CompletableFuture.supplyAsync(() -> new Following(pair).slots());
      awaitWaitFor(pair.primary(), one);
      var two = begin(second);
      first.commit();
      awaitWaitFor(pair.primary(), two);
      long n = ledger.begin(third);
      second.commit();
      var common = making.get(30, TimeUnit.SECONDS);
      var next = pair.primary().ask("SELECT pg_current_wal_insert_lsn()").map(Lsn::parse);
      ledger.commit(third, n);
      assertThat(next.orElseThrow())
          .as("where the COMMIT record begins: there, or behind the header of a page")
          .matches(
              at -> at.equals(common.position()) || common.position().bytes() % PAGE_BYTES == 0);
      return common;
    }
  }

  /** Returns the number of the transaction that it has begun. */
  private static String begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT pg_current_xact_id()::xid")) {
      row.next();
      return row.getString(1);
    }
  }

  private static void awaitWaitFor(PgServer server, String transaction) {
    try (var session = server.connect()) {
      assertThat(Deadline.in(SOON).until(PAUSE, () -> session.isTrue(WAITED_FOR, transaction)))
          .as("the slot's making waits")
          .isTrue();
    }
  }

  @Test
  void shouldSendTheEarlierSlotsWritesTwiceWhereItsStartIsNotMoved() throws Exception {
    tell("the origin's advance to the common position", twoSlots(false), twoSlots(true));
  }

  /** The ledger is in the database whose slot is made first: between the two there are writes. */
  private static LedgerResult twoSlots(boolean advanced) throws Exception {
    try (var pair = ServerPair.start()) {
      pair.primary().execute("CREATE DATABASE ledger");
      try (var session = pair.primary().connect("ledger")) {
        Markers.create(session);
      }
      var following = new Following(pair);
      var publisher = pair.publisher();
      var earlier = publisher.databases().getFirst();
      assertThat(earlier.name()).isEqualTo("ledger");
      var ledger = new LedgerClient(pair.file("ledger.log"));
      try (var client = pair.connect(pair.primary(), "ledger")) {
        ProbeTables.create(client, "postgres");
        execute(client, NO_KEY);
        ledger.write(client, WRITES);
      }
      following.copy();
      Common common;
      try (var client = pair.connect(pair.primary(), "ledger")) {
        publisher.publish(earlier);
        publisher.createSlot(earlier);
        ledger.write(client, WRITES);
        common = following.slots();
        ledger.write(client, WRITES);
      }
      var start = publisher.slot(earlier).orElseThrow().from();
      assertThat(start).isLessThan(common.position());
      following.cutOff(common, Map.of());
      if (!advanced) {
        // What it does of itself: it sends from where it was made.
        pair.follower().subscribe(earlier, start);
      }
      following.subscribe(common);
      following.drain(common).apply(NOTHING);
      var result = judge(pair, "ledger", ledger);
      assertThat(result.duplicated()).isEqualTo(advanced ? 0 : WRITES);
      return result;
    }
  }

  private static LedgerResult judge(ServerPair pair, String database, LedgerClient ledger)
      throws Exception {
    try (var client = pair.connect(pair.candidate().server(), database)) {
      return ledger.judge(client);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
