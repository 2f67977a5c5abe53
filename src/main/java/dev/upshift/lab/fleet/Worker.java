package dev.upshift.lab.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process of the offline fleet: does one task again and again, each round one transaction on db1.
 * After a failure it pauses and connects anew. On SIGTERM it finishes the round it is in.
 */
public final class Worker {
  /** What a worker does. */
  @FunctionalInterface
  interface Task {
    /** One transaction's statements; returns how many things were done. */
    int round(Connection connection) throws SQLException;
  }

  private static final Set<String> KNOWN =
      Set.of("kind", "rate", "port", "database", "write", "write-user", "stats-file", "podcasts");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);
  private static final Duration LAST_ROUND = Duration.ofSeconds(3);
  private static final long STATS_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

  private final String name;
  private final Database database;
  private final Task task;
  private final Duration interval;
  private final Optional<Path> statsFile;
  private final Counters counters = new Counters();
  private final Counters errors = new Counters();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread = Thread.ofPlatform().name("rounds").unstarted(this::work);
  private volatile @Nullable Connection connection;
  private long statsWrittenNanos = System.nanoTime() - STATS_EVERY_NANOS;

  Worker(Arguments arguments) {
    this.name = arguments.orElse("name", "worker");
    this.task = task(arguments);
    this.interval = interval(arguments.decimal("rate", 5));
    this.statsFile = arguments.find("stats-file").map(Path::of);
    this.database =
        new Database(
            arguments.orElse("write", "db1.internal"),
            arguments.number("port", 5432),
            arguments.orElse("database", "podcasts"),
            arguments.orElse("write-user", "app"),
            name,
            PATIENCE);
    thread.start();
  }

  /**
   * Runs a worker until SIGTERM. Arguments: {@code --kind ingest|login-mails}, {@code --rate} in
   * rounds a second, {@code --stats-file}, and where the database is.
   */
  public static void main(String[] words) {
    Lifecycle.run(words, KNOWN, arguments -> new Worker(arguments)::stop);
  }

  private static Task task(Arguments arguments) {
    String kind = arguments.orElse("kind", "ingest");
    return switch (kind) {
      case "ingest" -> new EpisodeIngest(arguments.number("podcasts", 1));
      case "login-mails" -> new LoginMails();
      default -> throw new IllegalArgumentException("argument --kind: no such worker: " + kind);
    };
  }

  private static Duration interval(double rate) {
    if (rate <= 0) {
      throw new IllegalArgumentException("argument --rate is not above zero: " + rate);
    }
    return Duration.ofNanos((long) (1e9 / rate));
  }

  /** Lets the running transaction end; breaks it off only when that takes seconds. */
  boolean stop() {
    stopping.countDown();
    try {
      if (thread.join(LAST_ROUND)) {
        return true;
      }
      Connection running = connection;
      if (running != null) {
        running.abort(Runnable::run);
      }
      thread.join(LAST_ROUND);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SQLException e) {
      System.err.println(name + ": " + e.getMessage());
    }
    return false;
  }

  Map<String, Object> stats() {
    Map<String, Object> stats = new LinkedHashMap<>();
    stats.put("name", name);
    stats.put("pid", ProcessHandle.current().pid());
    stats.put("counts", counters.totals());
    stats.put("errorsByState", errors.totals());
    return stats;
  }

  private void work() {
    Duration pause = Duration.ZERO;
    while (!isStopping(pause)) {
      long startedNanos = System.nanoTime();
      try {
        round();
        pause = interval.minusNanos(System.nanoTime() - startedNanos);
      } catch (SQLException e) {
        counters.count("failed");
        errors.count(SqlStates.of(e));
        System.err.println(name + ": " + SqlStates.of(e) + " " + e.getMessage());
        disconnect();
        pause = PAUSE_AFTER_FAILURE;
      }
      writeStats(false);
    }
    disconnect();
    writeStats(true);
  }

  private void round() throws SQLException {
    Connection open = connection;
    if (open == null) {
      open = database.open();
      open.setAutoCommit(false);
      connection = open;
      counters.count("connected");
    }
    int done = task.round(open);
    open.commit();
    counters.count("rounds");
    for (int i = 0; i < done; i++) {
      counters.count("done");
    }
  }

  private boolean isStopping(Duration pause) {
    try {
      return stopping.await(Math.max(0, pause.toNanos()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void disconnect() {
    Connection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        System.err.println(name + ": a connection could not be closed: " + e.getMessage());
      }
    }
  }

  private void writeStats(boolean now) {
    long nanos = System.nanoTime();
    if (statsFile.isEmpty() || (!now && nanos - statsWrittenNanos < STATS_EVERY_NANOS)) {
      return;
    }
    statsWrittenNanos = nanos;
    try {
      Json.write(statsFile.get(), stats());
    } catch (IOException e) {
      System.err.println(name + ": " + e);
    }
  }
}
