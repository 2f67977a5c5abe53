package dev.upshift.postgres;

import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Compares the rows of the two sides while one is written and the other follows. Nothing is read at
 * one instant on both sides; so a row or range that differs is proved to differ only when the old
 * side had the same before and after the new one was read, in the same versions (a balance can go
 * and come back meanwhile), and the new one had everything by then that the old one had before.
 * What changes all the time is asked again, and in the end counted apart.
 *
 * <p>The new side can show a row first: a commit is sent as soon as its record is on disk, and the
 * old server shows it when the transaction leaves its list of running ones, which with synchronous
 * replication can be any time later (xact.c, RecordTransactionCommit and ProcArrayEndTransaction).
 * So the old side is read the second time when every transaction has ended that ran while the new
 * one was read.
 */
public final class DataComparison {

  /** Lets the new side come up to where the old side is now. */
  @FunctionalInterface
  public interface CatchingUp {
    /** Returns when it has. */
    void await(String database);
  }

  /**
   * What came of it.
   *
   * @param differences what differs: database, table, key
   * @param restless rows and keyless tables that changed each time they were read
   */
  public record Found(long tables, long ranges, List<String> differences, long restless) {}

  private static final int TRIES = 6;
  private static final int SHOWN = 20;

  /** Both sides must show a value in one way. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "extra_float_digits", "3",
          "datestyle", "ISO, YMD",
          "intervalstyle", "postgres",
          "timezone", "UTC",
          "bytea_output", "hex",
          "statement_timeout", "0");

  /** Takes a number of its own: a snapshot's xmax is only behind the last that ended. */
  private static final String NUMBER = "SELECT txid_current()";

  private static final String OLDER_ENDED =
      "SELECT txid_snapshot_xmin(txid_current_snapshot()) > ?";

  /** COMMIT PREPARED has no number of its own. */
  private static final String NO_OLDER_AWAITS_STANDBY =
      """
      SELECT NOT EXISTS (
        SELECT FROM pg_stat_activity
        WHERE wait_event = 'SyncRep' AND (backend_xid IS NULL OR age(backend_xid) > age((? % 4294967296)::text::xid)))
      """;

  private static final Duration COMMITTING = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(2);

  private final PgServer old;
  private final PgServer follower;
  private final CatchingUp catchingUp;

  /** A comparison of these two. */
  public DataComparison(PgServer old, PgServer follower, CatchingUp catchingUp) {
    this.old = old;
    this.follower = follower;
    this.catchingUp = catchingUp;
  }

  /** Compares these tables of a database, several ranges at once. */
  public Found compare(String database, List<String> tables, int jobs) {
    var ranges = new ConcurrentLinkedQueue<KeyRange>();
    try (var session = old.connect(database)) {
      tables.forEach(table -> ranges.addAll(KeyRange.allOf(TableKey.of(session, table), session)));
    }
    long count = ranges.size();
    var work = new ArrayList<Work>();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < jobs; i++) {
      var one = new Work(database, ranges);
      work.add(one);
      threads.add(Thread.ofPlatform().daemon().start(one));
    }
    threads.forEach(DataComparison::join);
    work.stream()
        .flatMap(one -> one.failure.stream())
        .findFirst()
        .ifPresent(e -> {
          throw e;
        });
    var differences =
        work.stream().flatMap(one -> one.differences.stream()).sorted().limit(SHOWN).toList();
    return new Found(
        tables.size(), count, differences, work.stream().mapToLong(one -> one.restless).sum());
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One of those who work at once, with a session on each side. */
  private final class Work implements Runnable {
    private final String database;
    private final ConcurrentLinkedQueue<KeyRange> ranges;
    private final List<String> differences = new ArrayList<>();
    private Optional<RuntimeException> failure = Optional.empty();
    private long restless;

    Work(String database, ConcurrentLinkedQueue<KeyRange> ranges) {
      this.database = database;
      this.ranges = ranges;
    }

    @Override
    public void run() {
      try (var here = old.connect(database);
          var there = follower.connect(database)) {
        SETTINGS.forEach((name, value) -> both("SET " + name + " = '" + value + "'", here, there));
        for (var range = ranges.poll(); range != null; range = ranges.poll()) {
          compare(range, here, there);
        }
        SETTINGS.keySet().forEach(name -> both("RESET " + name, here, there));
      } catch (RuntimeException e) {
        failure = Optional.of(e);
        ranges.clear();
      }
    }

    private static void both(String sql, Sql here, Sql there) {
      here.execute(sql);
      there.execute(sql);
    }

    private void compare(KeyRange range, Sql here, Sql there) {
      for (int i = 0; i < TRIES; i++) {
        var before = range.read(here);
        if (i > 0) {
          catchingUp.await(database);
        }
        var follows = range.read(there);
        if (before.sameContent(follows)) {
          return;
        }
        if (i > 0 && isStill(before, range, here)) {
          differences.add(
              database + ": " + range.key().table() + firstDifference(range, here, there));
          return;
        }
      }
      if (range.key().isKeyed()) {
        compareRows(range, here, there);
      } else {
        restless++;
      }
    }

    /** Asked twice: where rows are written all the time, nothing need be waited for. */
    private static boolean isStill(KeyRange.Read before, KeyRange range, Sql here) {
      return before.equals(range.read(here))
          && showsWhatIsSent(here)
          && before.equals(range.read(here));
    }

    /**
     * Whether what was sent up to now is to be seen here. A transaction that runs for longer than
     * two seconds and waits for no standby is taken for one at work, not at its commit.
     */
    private static boolean showsWhatIsSent(Sql here) {
      long number = here.query(NUMBER, row -> row.getLong(1)).getFirst();
      return Deadline.in(COMMITTING).until(PAUSE, () -> here.isTrue(OLDER_ENDED, number))
          || here.isTrue(NO_OLDER_AWAITS_STANDBY, number);
    }

    private String firstDifference(KeyRange range, Sql here, Sql there) {
      if (!range.key().isKeyed()) {
        return " ("
            + range.read(here).content()
            + " here, "
            + range.read(there).content()
            + " there)";
      }
      var before = range.rows(here);
      catchingUp.await(database);
      var follows = range.rows(there);
      return before.entrySet().stream()
          .filter(row -> !row.getValue().sameContent(follows.get(row.getKey())))
          .map(row -> " row " + row.getKey())
          .findFirst()
          .orElse(" (rows that the old side has not)");
    }

    private void compareRows(KeyRange range, Sql here, Sql there) {
      Map<String, String> open = new HashMap<>();
      for (int i = 0; i < TRIES; i++) {
        var before = range.rows(here);
        catchingUp.await(database);
        var follows = range.rows(there);
        boolean shown = showsWhatIsSent(here);
        var after = range.rows(here);
        open = new HashMap<>();
        var keys = new java.util.HashSet<>(before.keySet());
        keys.addAll(follows.keySet());
        for (var key : keys) {
          var was = before.get(key);
          if (was == null ? follows.containsKey(key) : !was.sameContent(follows.get(key))) {
            if (shown && Objects.equals(was, after.get(key))) {
              differences.add(database + ": " + range.key().table() + " row " + key);
              return;
            }
            open.put(key, "");
          }
        }
        if (open.isEmpty()) {
          return;
        }
      }
      restless += open.size();
    }
  }
}
