package dev.upshift.probe;

import dev.upshift.probe.log.Outcome;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;

/**
 * Makes attempts as an application does. A held session that turns out to have ended before the
 * first answer is opened anew, once, within the same attempt. Nothing else is tried again.
 *
 * <p>That it had ended is proved in one of two ways: the greeting broke, which asks for nothing; or
 * a read broke, and on the wire not one byte of an answer to it came.
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
      return held && hadEnded(e) ? tryAgain(session, n) : Ending.failed(e);
    }
    try {
      session.watch().mark();
      return work.carryOut(session.connection(), n);
    } catch (SQLException e) {
      return held && work.mayRepeat() && hadEnded(e) && nothingWasAnswered(session)
          ? tryAgain(session, n)
          : Ending.failed(e);
    }
  }

  private Ending tryAgain(Session session, long n) {
    session.discard();
    try {
      Optional<Ending> done = work.findDone(session.connection(), n);
      if (done.isPresent()) {
        return done.get().withMoreReconnects(1);
      }
      work.greet(session.connection(), false);
      return work.carryOut(session.connection(), n).withMoreReconnects(1);
    } catch (SQLException e) {
      return Ending.failed(e).withMoreReconnects(1);
    }
  }

  private static boolean nothingWasAnswered(Session session) {
    try {
      return session.isOpen() && !session.watch().replied();
    } catch (SQLException e) {
      throw new IllegalStateException("an open session opens nothing", e);
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
