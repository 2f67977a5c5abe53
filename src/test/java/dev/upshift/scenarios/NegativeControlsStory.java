package dev.upshift.scenarios;

import static dev.upshift.testing.Following.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.engine.Result;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.postgres.Clients;
import dev.upshift.postgres.Lsn;
import dev.upshift.postgres.Markers;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Replication;
import dev.upshift.probe.ledger.LedgerResult;
import dev.upshift.testing.AlteredHost;
import dev.upshift.testing.Following;
import dev.upshift.testing.LedgerClient;
import dev.upshift.testing.ServerPair;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Deadline;
import dev.upshift.upgrade.steps.CloseOldPrimary;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots.Common;
import dev.upshift.upgrade.steps.DrainReplication;
import dev.upshift.upgrade.steps.DropForwardReplication;
import dev.upshift.upgrade.steps.FenceOldPrimary;
import dev.upshift.upgrade.steps.PromoteCandidate;
import dev.upshift.upgrade.steps.ProveCandidateComplete;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the ledger says when one safeguard is missing, beside the same with it: a ledger that never
 * convicts would be none, and a safeguard without which nothing is lost would be a belief. Here
 * writes are lost; in {@link DoubledWithoutStory} they are there twice.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class NegativeControlsStory {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final int WRITES = 50;

  /** More than what lies in sockets between the two; a segment is 1 MB here. */
  private static final String TWENTY_MEGABYTES =
      "SELECT count(pg_logical_emit_message(false, 'test', repeat('x', 1000000))) FROM generate_series(1, 20)";

  @Test
  void shouldLoseWritesWithoutTheProofThatTheCandidateHasEverything() throws Exception {
    try (var pair = ServerPair.start()) {
      copyWithoutSlot(pair);
      var ledger = new LedgerClient(pair.file("ledger.log"));
      lag(pair, ledger);

      // The stop is as clean as any; only the proof knows.
      var fence = fence(pair);
      var proof = new ProveCandidateComplete(pair.primary(), pair.candidate());
      var last = proof.apply(NOTHING);
      assertThat(Deadline.in(Duration.ofSeconds(1)).until(PAUSE, () -> isOk(proof.verify(last))))
          .isFalse();
      assertThat(proof.verify(last).toString()).contains("not past the old primary's last record");

      // Without it: the candidate becomes the primary.
      new PromoteCandidate(pair.candidate(), Following.hold()).apply(NOTHING);
      LedgerResult without;
      try (var client = pair.connect(pair.candidate().server(), ServerPair.DATABASE)) {
        without = ledger.judge(client);
      }
      // With it: the old primary serves on.
      fence.undo(new FenceOldPrimary.Before(true));
      try (var client = pair.connect(pair.primary(), ServerPair.DATABASE)) {
        tell("the proof by LSN", without, ledger.look(client));
      }
      assertThat(without.lost()).isEqualTo(WRITES);
    }
  }

  /** The proof lets pass who has everything: with a slot the same lag is made good by the stop. */
  @Test
  void shouldPassTheProofAndLoseNothingWithASlot() throws Exception {
    try (var pair = ServerPair.start()) {
      pair.candidate().copy(Deadline.in(SOON));
      start(pair, Map.of());
      var ledger = new LedgerClient(pair.file("ledger.log"));
      lag(pair, ledger);
      var _ = fence(pair);
      var proof = new ProveCandidateComplete(pair.primary(), pair.candidate());
      var last = proof.apply(NOTHING);
      assertThat(Deadline.in(SOON).until(PAUSE, () -> isOk(proof.verify(last)))).isTrue();
      new PromoteCandidate(pair.candidate(), Following.hold()).apply(NOTHING);
      try (var client = pair.connect(pair.candidate().server(), ServerPair.DATABASE)) {
        assertClean(ledger.judge(client));
      }
    }
  }

  private static void copyWithoutSlot(ServerPair pair) {
    pair.candidate().copy(Deadline.in(SOON));
    Replication.dropSlot(pair.primary(), pair.candidate().slot());
    start(pair, Map.of("primary_slot_name", ""));
  }

  private static void start(ServerPair pair, Map<String, String> more) {
    var settings = new LinkedHashMap<>(pair.candidate().isolation());
    settings.putAll(more);
    pair.candidate().configure(settings);
    pair.candidate().server().start(Deadline.in(SOON));
    assertThat(Deadline.in(SOON).until(PAUSE, () -> !ask(pair, STREAMING).isEmpty())).isTrue();
  }

  private static final String STREAMING =
      "SELECT sent_lsn FROM pg_stat_replication WHERE state = 'streaming'";

  private static String ask(ServerPair pair, String sql) {
    return pair.primary().ask(sql).orElse("");
  }

  /**
   * The candidate's receiver stalls, while clients write more than fits in between and a checkpoint
   * takes away what no slot holds; then it goes on.
   */
  private static void lag(ServerPair pair, LedgerClient ledger) throws SQLException {
    var copy = pair.candidate().server();
    var receiver = copy.ask("SELECT pid FROM pg_stat_wal_receiver").orElseThrow();
    signal(copy, "STOP", receiver);
    pair.primary().execute(TWENTY_MEGABYTES);
    var before = Replication.current(pair.primary());
    try (var client = pair.connect(pair.primary(), ServerPair.DATABASE)) {
      ledger.write(client, WRITES);
    }
    assertThat(Lsn.parse(ask(pair, STREAMING))).as("sent").isLessThan(before);
    pair.primary().execute("CHECKPOINT");
    signal(copy, "CONT", receiver);
  }

  private static FenceOldPrimary fence(ServerPair pair) {
    var clients = Clients.ofLeft(pair.primary(), pair.role(), ServerPair.LOOPBACK);
    var fence = new FenceOldPrimary(pair.primary(), clients, Following.hold());
    assertThat(fence.verify(fence.apply(new FenceOldPrimary.Before(true)))).matches(v -> isOk(v));
    return fence;
  }

  @Test
  void shouldLoseWritesThatWereLetGoBeforeTheFence() throws Exception {
    tell("the fence", switchOver(false), switchOver(true));
  }

  /** Who sees no process has not seen that there is none. */
  @Test
  void shouldNotTakeAFenceForProvedWhereProcessesCannotBeSeen() throws Exception {
    try (var pair = ServerPair.start();
        var kept = pair.connect(pair.primary(), ServerPair.DATABASE)) {
      var blind = pair.primary(AlteredHost.blind());
      var clients = Clients.ofLeft(blind, pair.role(), ServerPair.LOOPBACK);
      var fence = new CloseOldPrimary(blind, clients, Following.hold());
      assertThatThrownBy(() -> fence.apply(new CloseOldPrimary.Before(false)))
          .isInstanceOf(WorldError.class)
          .hasMessageContaining("cannot be seen: our own session");
      assertThat(new LedgerClient(pair.file("ledger.log")).attempt(kept)).isTrue();
    }
  }

  private static LedgerResult switchOver(boolean fenced) throws Exception {
    try (var pair = ServerPair.start();
        var kept = pair.connect(pair.primary(), ServerPair.DATABASE)) {
      var ledger = new LedgerClient(pair.file("ledger.log"));
      var common = follow(pair, Map.of());
      ledger.write(kept, WRITES);
      if (fenced) {
        var clients = Clients.ofLeft(pair.primary(), pair.role(), ServerPair.LOOPBACK);
        var fence = new CloseOldPrimary(pair.primary(), clients, Following.hold());
        assertThat(fence.verify(fence.apply(new CloseOldPrimary.Before(false))))
            .matches(v -> isOk(v));
      }
      var drain = new Following(pair).drain(common);
      assertThat(drain.verify(drain.apply(NOTHING))).matches(v -> isOk(v));
      try (var fresh = pair.connect(pair.candidate().server(), ServerPair.DATABASE)) {
        ledger.write(fresh, WRITES);
        new DropForwardReplication(pair.follower(), Result.of(common)).apply(NOTHING);
        // Somebody has kept a connection to the old primary all the time.
        boolean acknowledged = ledger.attempt(kept);
        assertThat(acknowledged).isEqualTo(!fenced);
        return ledger.judge(fresh);
      }
    }
  }

  private static Common follow(ServerPair pair, Map<String, String> settings) {
    var following = new Following(pair);
    following.copy();
    var common = following.slots();
    following.cutOff(common, settings);
    following.subscribe(common);
    return common;
  }

  /**
   * The WAL writer is kept from doing what it does five times a second, and dies of that: the
   * server with it. Then the old primary is gone too, from where all could be had once more.
   */
  @Test
  void shouldLoseWritesOfWhichAMarkerWasSeenButNotForcedToDisk() throws Exception {
    try (var pair = ServerPair.start()) {
      var common =
          follow(pair, Map.of("restart_after_crash", "off", "wal_writer_flush_after", "1GB"));
      var drain = new Following(pair).drain(common);
      drain.apply(NOTHING);

      var first = new LedgerClient(pair.file("first.log"));
      var writer = stallWalWriter(pair);
      write(pair, first);
      var seen = awaitMarker(pair);
      // The look that comes after the marker would not have passed it.
      assertThat(drain.verify(seen).toString()).contains("not on disk yet");
      crash(pair, writer);
      LedgerResult without;
      try (var client = pair.connect(pair.candidate().server(), ServerPair.DATABASE)) {
        assertThat(Markers.missing(pair.candidate().server(), databases(), seen.marker()))
            .isPresent();
        without = first.judge(client);
      }

      pair.primary().start(Deadline.in(SOON));
      drain.apply(NOTHING);
      var second = new LedgerClient(pair.file("second.log"));
      writer = stallWalWriter(pair);
      write(pair, second);
      assertThat(drain.verify(drain.apply(NOTHING))).matches(v -> isOk(v));
      crash(pair, writer);
      try (var client = pair.connect(pair.candidate().server(), ServerPair.DATABASE)) {
        tell("the commit that forces what was applied to disk", without, second.judge(client));
        assertClean(first.look(client));
      }
      assertThat(without.lost()).isEqualTo(WRITES);
    }
  }

  private static void write(ServerPair pair, LedgerClient ledger) throws SQLException {
    try (var client = pair.connect(pair.primary(), ServerPair.DATABASE)) {
      ledger.write(client, WRITES);
    }
  }

  private static List<String> databases() {
    return List.of(ServerPair.DATABASE);
  }

  /** What DrainReplication does, up to where it forces all to disk. */
  private static DrainReplication.Drained awaitMarker(ServerPair pair) {
    var copy = pair.candidate().server();
    Markers.set(pair.primary(), databases(), "not forced");
    assertThat(
            Deadline.in(SOON)
                .until(PAUSE, () -> Markers.missing(copy, databases(), "not forced").isEmpty()))
        .isTrue();
    var inserted = copy.ask("SELECT pg_current_wal_insert_lsn()").orElseThrow();
    return new DrainReplication.Drained("not forced", Lsn.parse(inserted));
  }

  private static String stallWalWriter(ServerPair pair) {
    var copy = pair.candidate().server();
    var writer =
        copy.ask("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'").orElseThrow();
    signal(copy, "STOP", writer);
    return writer;
  }

  private static void crash(ServerPair pair, String walWriter) {
    var copy = pair.candidate().server();
    pair.primary().stop(PgServer.Stop.IMMEDIATE, Deadline.in(SOON));
    signal(copy, "KILL", walWriter);
    assertThat(Deadline.in(SOON).until(PAUSE, () -> !copy.isRunning())).isTrue();
    copy.start(Deadline.in(SOON));
  }

  private static void signal(PgServer server, String signal, String pid) {
    server.host().run(Command.of("kill", "-" + signal, pid));
  }

  private static boolean isOk(Verdict verdict) {
    return verdict instanceof Verdict.Ok;
  }

  /** Says what the ledger found, and that it convicts the one and not the other. */
  static void tell(String safeguard, LedgerResult without, LedgerResult with) {
    System.out.printf(
        "story: without %s: of %d acknowledged writes lost=%d duplicated=%d; with it: of %d lost=%d duplicated=%d%n",
        safeguard,
        without.acknowledged(),
        without.lost(),
        without.duplicated(),
        with.acknowledged(),
        with.lost(),
        with.duplicated());
    assertThat(without.lost() + without.duplicated()).as(without.toString()).isPositive();
    assertClean(with);
  }

  static void assertClean(LedgerResult result) {
    assertThat(result.acknowledged()).isPositive();
    assertThat(result.clean()).as(result.toString()).isTrue();
  }
}
