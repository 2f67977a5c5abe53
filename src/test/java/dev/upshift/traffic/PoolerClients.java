package dev.upshift.traffic;

import dev.upshift.testing.ThrowawayPooler;
import dev.upshift.time.Deadline;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Clients that ask through poolers without a pause, and remember who answered. */
final class PoolerClients implements AutoCloseable {
  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicLong statements = new AtomicLong();
  private final AtomicLong longestNanos = new AtomicLong();
  private final AtomicLong[] lastPort;
  private final AtomicLong[] counts;
  private volatile boolean stop;

  /** So many for each pooler. */
  PoolerClients(List<ThrowawayPooler> poolers, String entry, int each) {
    int all = poolers.size() * each;
    lastPort = Stream.generate(AtomicLong::new).limit(all).toArray(AtomicLong[]::new);
    counts = Stream.generate(AtomicLong::new).limit(all).toArray(AtomicLong[]::new);
    for (int i = 0; i < all; i++) {
      int number = i;
      threads.add(Thread.ofPlatform().start(() -> work(poolers.get(number / each), entry, number)));
    }
  }

  private void work(ThrowawayPooler pooler, String entry, int number) {
    try (Connection connection = pooler.connect(entry);
        Statement statement = connection.createStatement()) {
      while (!stop) {
        long began = System.nanoTime();
        try (var row = statement.executeQuery("SELECT inet_server_port()")) {
          row.next();
          lastPort[number].set(row.getLong(1));
        }
        longestNanos.accumulateAndGet(System.nanoTime() - began, Math::max);
        statements.incrementAndGet();
        counts[number].incrementAndGet();
        LockSupport.parkNanos(1_000_000);
      }
    } catch (SQLException e) {
      failures.add(e.getSQLState() + " " + e.getMessage());
    }
  }

  /** Waits until every client has been answered twice from now on, the second time in full. */
  boolean awaitAnswers() {
    var before = Stream.of(counts).map(AtomicLong::get).toList();
    long end = System.nanoTime() + 15_000_000_000L;
    while (System.nanoTime() < end) {
      boolean all = true;
      for (int i = 0; i < counts.length; i++) {
        all &= counts[i].get() >= before.get(i) + 2;
      }
      if (all) {
        return true;
      }
      LockSupport.parkNanos(2_000_000);
    }
    System.err.println("clients: " + failures + ", statements of each " + List.of(counts));
    return false;
  }

  /** The ports of the servers that answered last, each once. */
  List<Long> servers() {
    return Stream.of(lastPort).map(AtomicLong::get).distinct().toList();
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  long statements() {
    return statements.get();
  }

  /**
   * How many when nobody is answered any more: an answer may be counted a moment after it came.
   *
   * @throws AssertionError when somebody is answered all the time
   */
  long restingStatements() {
    var rested = new long[] {-1};
    boolean rests =
        Deadline.in(Duration.ofSeconds(5))
            .until(
                Duration.ofMillis(50),
                () -> {
                  long now = statements.get();
                  boolean same = now == rested[0];
                  rested[0] = now;
                  return same;
                });
    if (!rests) {
      throw new AssertionError("somebody is answered still");
    }
    return rested[0];
  }

  double longestMillis() {
    return longestNanos.get() / 1e6;
  }

  @Override
  public void close() {
    stop = true;
    for (var thread : threads) {
      try {
        thread.join(20_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
