package dev.upshift.probe;

import dev.upshift.probe.log.Outcome;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/**
 * Makes attempts as an application does. A held session that turns out to have ended before the
 * first answer is opened anew, once, within the same attempt. Nothing else is tried again.
 */
final class Client implements Attempts {
  /**
   * How a session says that it ended: by an administrator, by another backend's crash, by being
   * idle for too long (14+), or by a closed socket, which pgjdbc reports as 08003 and 08006.
   */
  private static final Set<String> SESSION_ENDED =
      Set.of("57P01", "57P02", "57P05", "08003", "08006");

  private final Work work;

  Client(Work work) {
    this.work = work;
  }

  @Override
  public Ending attempt(Session session, long n) {
    Ending ending = tryOnce(session, n);
    if (ending.outcome() != Outcome.OK) {
      session.discard();
    }
    return ending;
  }

  private Ending tryOnce(Session session, long n) {
    boolean held = session.isOpen();
    try {
      work.greet(session.connection(), held);
    } catch (SQLException e) {
      session.discard();
      return held && hadEnded(e) ? tryAgain(session, n) : Ending.failed(e);
    }
    return carryOut(session, n);
  }

  private Ending tryAgain(Session session, long n) {
    try {
      Optional<Ending> done = work.findDone(session.connection(), n);
      if (done.isPresent()) {
        return done.get().withMoreReconnects(1);
      }
      work.greet(session.connection(), false);
    } catch (SQLException e) {
      return Ending.failed(e).withMoreReconnects(1);
    }
    return carryOut(session, n).withMoreReconnects(1);
  }

  private Ending carryOut(Session session, long n) {
    try {
      return work.carryOut(session.connection(), n);
    } catch (SQLException e) {
      return Ending.failed(e);
    }
  }

  /** A timeout is no end: the session may be alive, and its server slow. */
  static boolean hadEnded(SQLException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return false;
      }
    }
    return e.getSQLState() != null && SESSION_ENDED.contains(e.getSQLState());
  }
}
