package dev.upshift.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.probe.ledger.LedgerCheck;
import dev.upshift.probe.ledger.LedgerResult;
import dev.upshift.probe.ledger.ProbeTables;
import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.ProbeLog;
import dev.upshift.probe.log.ProbeProcess;
import dev.upshift.testing.ThrowawayServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probe as a process, against a server that is frozen, crashed and robbed of its sessions. */
@Tag("real")
final class ProbeRunsOnRealServerTest {
  private static final String ROLE = "upshift_probe";
  private static final int RATE = 20;
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static ThrowawayServer server;

  @TempDir Path folder;
  private ProbeOptions options;

  @BeforeAll
  static void startServer() throws IOException, SQLException {
    server = ThrowawayServer.start(ThrowawayServer.DEBIAN_15);
    server.createRole(ROLE);
    try (Connection connection = server.connect()) {
      ProbeTables.create(connection, ROLE);
    }
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @BeforeEach
  void writeHostsFile() throws IOException {
    Files.writeString(folder.resolve("hosts"), server.address() + " db1.internal db2.internal\n");
    options =
        new ProbeOptions(
            folder.resolve("probe.log"),
            folder.resolve("stop"),
            "postgres",
            ROLE,
            server.passfile(),
            server.port(),
            "db2.internal",
            "db1.internal",
            RATE,
            true);
  }

  @Test
  void shouldShowAFrozenServerInEveryAttemptThatWasDue() throws Exception {
    Process probe = startProbe(1);
    Instant frozen = Instant.now();
    server.freeze();
    // A little more than 2 s: an answer from before it may lie unread for a moment.
    pause(Duration.ofMillis(2200));
    server.thaw();
    Instant thawed = Instant.now();
    pause(Duration.ofMillis(600));
    ProbeLog log = stopByFile(probe);

    Measurement measured = Measurement.of(log, List.of(), Optional.of(new Window(frozen, thawed)));
    for (Figures figures : List.of(measured.reads(), measured.writes())) {
      assertThat(figures.errorsByState()).isEmpty();
      assertThat(figures.acknowledged()).isEqualTo(figures.attempts());
      assertThat(figures.longestGapMillis()).isBetween(2000.0, 6000.0);
      assertThat(figures.longestGapFrom().orElseThrow()).isBefore(frozen.plusSeconds(1));
      assertThat(figures.longestGapTo().orElseThrow()).isAfter(thawed.minusSeconds(1));
      assertThat(figures.maxMillis()).isGreaterThan(1900);
      assertThat(figures.inSwitch().orElseThrow().attempts())
          .isGreaterThanOrEqualTo(2 * 2 * RATE * 9 / 10);
    }
    for (Lane lane : List.of(Lane.READ_KEPT, Lane.WRITE_KEPT)) {
      long delayed =
          log.attempts().stream()
              .filter(a -> a.lane() == lane && a.durationMicros() > 150_000)
              .count();
      assertThat(delayed).isGreaterThanOrEqualTo(2 * RATE * 9 / 10);
    }
    assertClean(log);
  }

  /**
   * What must be: a fresh attempt on a server that is away fails, and so does a kept one, after its
   * one reconnect. Nothing else may: no error before the crash, none after the recovery.
   */
  @Test
  void shouldReportOfARestartOnlyTheErrorsThatMustBe() throws Exception {
    Process probe = startProbe(1);
    Instant crashed = Instant.now();
    server.stopImmediately();
    server.launch();
    Instant back = Instant.now();
    pause(Duration.ofMillis(600));
    ProbeLog log = stopByFile(probe);

    var outage = new Window(crashed, back);
    List<Attempt> errors = log.attempts().stream().filter(a -> !a.acknowledged()).toList();
    assertThat(errors).isNotEmpty().allMatch(outage::overlaps);
    Measurement measured = Measurement.of(log, List.of(new Hold(crashed, back)), Optional.empty());
    assertThat(measured.reads().errorsByState().keySet())
        .isSubsetOf("08001", "57P03", "57P02", "08006");
    assertThat(measured.reads().unexplained()).isEqualTo(measured.reads().errors());
    assertThat(measured.writes().unexplained()).isZero();
    assertThat(measured.reads().kept().orElseThrow().reconnects()).isLessThanOrEqualTo(1);
    assertClean(log);
  }

  @Test
  void shouldReconnectWithinTheAttemptWhenIdleSessionsAreEnded() throws Exception {
    Process probe = startProbe(1);
    endIdleSession(Lane.READ_KEPT);
    endIdleSession(Lane.WRITE_KEPT);
    pause(Duration.ofMillis(500));
    ProbeLog log = stopByFile(probe);

    Measurement measured = Measurement.of(log, List.of(), Optional.empty());
    for (Figures figures : List.of(measured.reads(), measured.writes())) {
      assertThat(figures.errorsByState()).isEmpty();
      assertThat(figures.kept().orElseThrow().reconnects()).isEqualTo(1);
      assertThat(figures.fresh().orElseThrow().reconnects()).isZero();
    }
    assertClean(log);
  }

  @Test
  void shouldContinueTheLogOfAKilledProbe() throws Exception {
    Process first = startProbe(1);
    assertThat(ProbeLog.read(options.log()).running().map(ProcessHandle::pid))
        .contains(first.pid());
    first.destroyForcibly();
    assertThat(first.waitFor(LIMIT)).isTrue();
    ProbeLog killed = ProbeLog.read(options.log());
    assertThat(killed.running()).isEmpty();

    Process second = startProbe(2);
    pause(Duration.ofMillis(200));
    second.destroy();
    assertThat(second.waitFor(LIMIT)).isTrue();
    assertThat(second.exitValue()).isZero();
    ProbeLog log = ProbeLog.read(options.log());
    assertThat(log.processes())
        .extracting(ProbeProcess::ended)
        .element(0)
        .isEqualTo(Optional.empty());
    assertThat(log.processes().getLast().ended()).isPresent();
    for (Lane lane : Lane.values()) {
      assertThat(log.attempts().stream().filter(a -> a.lane() == lane))
          .extracting(Attempt::n)
          .doesNotHaveDuplicates()
          .anyMatch(n -> n < 100)
          .anyMatch(n -> n > 1000);
    }
    assertClean(log);
  }

  private static void assertClean(ProbeLog log) throws SQLException {
    try (Connection connection = server.connect()) {
      LedgerResult found = LedgerCheck.check(connection, log);
      assertThat(found.clean()).as(found.toString()).isTrue();
      assertThat(found.acknowledged()).isGreaterThanOrEqualTo(20);
    }
  }

  private Process startProbe(int processes) throws IOException {
    Process probe =
        new ProcessBuilder(
                options.command(
                    Path.of(System.getProperty("java.home"), "bin", "java"),
                    System.getProperty("java.class.path"),
                    Optional.of(folder.resolve("hosts"))))
            .inheritIO()
            .start();
    await(() -> isUnderWay(processes));
    return probe;
  }

  /** Whether the last process has begun, and each of its lanes has ended a few attempts. */
  private boolean isUnderWay(int processes) {
    try {
      if (!Files.exists(options.log()) || Files.size(options.log()) == 0) {
        return false;
      }
      ProbeLog log = ProbeLog.read(options.log());
      return log.processes().size() == processes
          && Stream.of(Lane.values())
              .allMatch(lane ->
                  log.attempts().stream()
                          .filter(a -> a.process() == processes - 1 && a.lane() == lane)
                          .count()
                      >= 10);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private ProbeLog stopByFile(Process probe) throws IOException, InterruptedException {
    Files.createFile(options.stop());
    assertThat(probe.waitFor(LIMIT)).isTrue();
    assertThat(probe.exitValue()).isZero();
    ProbeLog log = ProbeLog.read(options.log());
    assertThat(log.processes().getLast().ended()).isPresent();
    return log;
  }

  /** Ends a session that is idle, and whose next attempt is not due at once. */
  private static void endIdleSession(Lane lane) throws SQLException {
    String sql =
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'upshift_probe_%s' AND state = 'idle'
          AND clock_timestamp() - state_change BETWEEN interval '2 ms' AND interval '30 ms'
        """
            .formatted(lane.id());
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      await(() -> {
        try (var row = statement.executeQuery(sql)) {
          return row.next();
        } catch (SQLException e) {
          throw new AssertionError(e);
        }
      });
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      pause(Duration.ofMillis(3));
    }
  }

  private static void pause(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(Math.max(left, TimeUnit.MICROSECONDS.toNanos(50)));
    }
  }
}
