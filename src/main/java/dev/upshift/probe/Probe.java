package dev.upshift.probe;

import dev.upshift.probe.ledger.LedgerWriter;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.ProbeLogWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Runs the lanes from the begin line of the log to its end line. */
final class Probe {
  private static final Duration POLL = Duration.ofMillis(50);

  /** How long attempts that are due may go on once the probe is told to end. */
  static final Duration GRACE = Duration.ofSeconds(10);

  private static final Duration AFTER_ABORT = Duration.ofSeconds(3);
  private static final Duration WARM_UP = Duration.ofSeconds(2);

  /** So many let the JVM compile what scram-sha-256 computes, the dearest part of a connection. */
  private static final int WARM_UP_ROUNDS = 100;

  private final ProbeOptions options;
  private final Connector connector;
  private final Connections connections;
  private final StopSignal stop = new StopSignal(GRACE);

  /** One that looks names up as this machine does. */
  Probe(ProbeOptions options) {
    this.options = options;
    this.connector = new Connector(options);
    this.connections = connector;
  }

  /** One that looks names up in this copy. */
  Probe(ProbeOptions options, HostsCopy.Keeping hosts) {
    this.options = options;
    this.connector = new Connector(options);
    this.connections = new LateNames(connector, hosts);
  }

  StopSignal stop() {
    return stop;
  }

  /**
   * Measures until told to end.
   *
   * @throws IOException when the log cannot be written
   */
  void run() throws IOException, InterruptedException {
    try (var log = ProbeLogWriter.open(options.log())) {
      warmUp();
      if (Files.exists(options.stop())) {
        return; // the run is over that it was to measure
      }
      Instant began = Instant.now();
      var origin = new Schedule(System.nanoTime(), options.rate());
      log.begin(began, options.rate());
      List<LaneRunner> lanes = lanes().map(lane -> runner(lane, origin, log)).toList();
      lanes.forEach(LaneRunner::start);
      watch(log);
      finish(lanes);
      if (stop.failure().isPresent()) {
        throw new IOException(
            options.log() + ": the probe cannot go on", stop.failure().orElseThrow());
      }
      log.end(Instant.now(), (System.nanoTime() - origin.beginNanos()) / 1000);
    }
  }

  private Stream<Lane> lanes() {
    return Stream.of(Lane.values()).filter(lane -> options.writes() || !lane.writes());
  }

  private LaneRunner runner(Lane lane, Schedule origin, ProbeLogWriter log) {
    return new LaneRunner(
        lane,
        origin,
        new Client(work(lane, log.writer(lane))),
        () -> new Session(connections, lane),
        log,
        stop);
  }

  private Work work(Lane lane, String writer) {
    return lane.writes() ? new WriteWork(connector, lane, writer) : new ReadWork();
  }

  private void watch(ProbeLogWriter log) throws InterruptedException {
    while (!stop.await(POLL)) {
      if (Files.exists(options.stop())) {
        stop.request();
      } else if (!log.stillThere()) {
        stop.fail(new IOException(options.log() + ": was removed"));
      }
    }
  }

  private void finish(List<LaneRunner> lanes) throws InterruptedException {
    boolean ended = true;
    for (LaneRunner lane : lanes) {
      ended &= lane.awaitEnd(stop.remainingGrace());
    }
    if (ended) {
      return;
    }
    connector.abortAll();
    long deadline = System.nanoTime() + AFTER_ABORT.toNanos();
    for (LaneRunner lane : lanes) {
      // What is still under way then has an invoke line and no result: unknown, as it must be.
      lane.awaitEnd(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    }
  }

  /**
   * Loads and compiles the classes that attempts need before the first is due: the JVM's start is
   * no latency of the server's. Leaves nothing behind, and does not mind a server that is away.
   */
  private void warmUp() throws InterruptedException {
    var thread = new Thread(this::attemptWithoutTrace, "warm-up");
    thread.setDaemon(true);
    thread.start();
    thread.join(WARM_UP);
  }

  private void attemptWithoutTrace() {
    try {
      for (int round = 0; round < WARM_UP_ROUNDS; round++) {
        readOnce(round);
        if (options.writes()) {
          writeOnceAndRollBack();
        }
      }
    } catch (SQLException e) {
      // The server may be away when the probe starts; its attempts will say so.
      return;
    }
  }

  private void readOnce(int n) throws SQLException {
    try (var session = new Session(connector, Lane.READ_FRESH)) {
      var read = new ReadWork();
      read.greet(session.connection(), true);
      read.carryOut(session.connection(), n);
    }
  }

  private void writeOnceAndRollBack() throws SQLException {
    try (var session = new Session(connector, Lane.WRITE_FRESH)) {
      Connection connection = session.connection();
      connection.setAutoCommit(false);
      LedgerWriter.insert(connection, "warm-up", 0);
      connection.rollback();
    }
  }
}
