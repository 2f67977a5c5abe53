package dev.upshift.lab.fleet;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A few connections to one database, kept until they fail or are closed: there is no greatest age
 * and no test query. A read on a kept connection that turns out closed is made once more on a new
 * connection; a write is never made twice.
 */
final class KeptConnections implements AutoCloseable {
  /** What is done with a connection. */
  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  private record Kept(Connection connection, long generation) {}

  private final Database database;
  private final int limit;
  private final Semaphore free;
  private final Deque<Kept> idle = new ArrayDeque<>();
  private long generation;

  /** Idle and in use. Each one in use, or being opened, holds a permit. */
  private int total;

  private boolean closed;
  private final LongAdder opened = new LongAdder();
  private final LongAdder reconnects = new LongAdder();

  KeptConnections(Database database, int limit) {
    this.database = database;
    this.limit = limit;
    this.free = new Semaphore(limit, true);
  }

  /** Opens all connections, as far as the server lets us; an application starts without it too. */
  void prime() {
    try {
      boolean more = true;
      while (more) {
        acquire();
        try {
          more = total() < limit;
          if (more) {
            giveBack(open());
          }
        } finally {
          free.release();
        }
      }
    } catch (SQLException e) {
      System.err.println(database.host() + " cannot be reached yet: " + e.getMessage());
    }
  }

  /** Reads. A kept connection that was closed before any reply is replaced once, in this call. */
  <T> T read(Work<T> work) throws SQLException {
    acquire();
    try {
      Kept kept = take();
      if (kept != null) {
        try {
          return use(kept, work);
        } catch (SQLException e) {
          if (!SqlStates.isClosed(e)) {
            throw e;
          }
          reconnects.increment();
        }
      }
      return use(open(), work);
    } finally {
      free.release();
    }
  }

  /**
   * Writes, in one transaction. When the server is read-only or has closed the connection, all
   * connections to it are thrown away: the next write resolves the name anew.
   */
  <T> T write(Work<T> work) throws SQLException {
    acquire();
    try {
      Kept kept = take();
      return use(kept == null ? open() : kept, c -> inTransaction(c, work));
    } catch (SQLException e) {
      if (SqlStates.isClosed(e) || SqlStates.of(e).equals(SqlStates.READ_ONLY)) {
        throwAwayAll();
      }
      throw e;
    } finally {
      free.release();
    }
  }

  Map<String, Object> stats() {
    Map<String, Object> stats = new LinkedHashMap<>();
    stats.put("opened", opened.sum());
    stats.put("idle", idleCount());
    stats.put("reconnects", reconnects.sum());
    return stats;
  }

  @Override
  public void close() {
    synchronized (idle) {
      closed = true;
    }
    throwAwayAll();
  }

  private static <T> T inTransaction(Connection connection, Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      T result = work.run(connection);
      connection.commit();
      connection.setAutoCommit(true);
      return result;
    } catch (SQLException e) {
      try {
        connection.rollback();
        connection.setAutoCommit(true);
      } catch (SQLException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** Runs the work; afterwards the connection is kept if it still works, and ended if not. */
  private <T> T use(Kept kept, Work<T> work) throws SQLException {
    boolean works = false;
    try {
      T result = work.run(kept.connection());
      works = true;
      return result;
    } catch (SQLException e) {
      works = !kept.connection().isClosed() && !SqlStates.of(e).equals(SqlStates.READ_ONLY);
      throw e;
    } finally {
      if (works) {
        giveBack(kept);
      } else {
        end(kept);
      }
    }
  }

  private void acquire() throws SQLException {
    Duration patience = database.patience();
    try {
      if (!free.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new SQLException("all connections to " + database.host() + " are in use", "08001");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted", "57014", e);
    }
  }

  private Kept open() throws SQLException {
    long now;
    synchronized (idle) {
      now = generation;
      total++;
    }
    try {
      Connection connection = database.open();
      opened.increment();
      return new Kept(connection, now);
    } catch (SQLException e) {
      forget();
      throw e;
    }
  }

  private @Nullable Kept take() {
    synchronized (idle) {
      return idle.pollFirst();
    }
  }

  private void giveBack(Kept kept) {
    synchronized (idle) {
      if (!closed && kept.generation() == generation && idle.size() < limit) {
        idle.addLast(kept); // the one used longest ago is next: none of them is forgotten
        return;
      }
    }
    end(kept);
  }

  private int idleCount() {
    synchronized (idle) {
      return idle.size();
    }
  }

  private int total() {
    synchronized (idle) {
      return total;
    }
  }

  private void forget() {
    synchronized (idle) {
      total--;
    }
  }

  private void throwAwayAll() {
    Deque<Kept> all;
    synchronized (idle) {
      generation++;
      all = new ArrayDeque<>(idle);
      idle.clear();
    }
    all.forEach(this::end);
  }

  private void end(Kept kept) {
    forget();
    try {
      kept.connection().close();
    } catch (SQLException e) {
      System.err.println("a connection could not be closed: " + e.getMessage());
    }
  }
}
