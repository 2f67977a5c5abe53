package dev.upshift.lab.fleet;

import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.Set;

/** What an SQLSTATE tells an application (PostgreSQL documentation, appendix A). */
final class SqlStates {
  /** The server refuses to write: a standby, or default_transaction_read_only. */
  static final String READ_ONLY = "25006";

  /**
   * admin_shutdown, crash_shutdown, idle_session_timeout; connection_does_not_exist and
   * connection_failure are what the driver says of a closed socket.
   */
  private static final Set<String> CLOSED = Set.of("57P01", "57P02", "57P05", "08003", "08006");

  private SqlStates() {}

  static String of(SQLException failure) {
    String state = failure.getSQLState();
    return state == null || state.isEmpty() ? "none" : state;
  }

  /** The connection was closed by the other side; an answer that came too late is not that. */
  static boolean isClosed(SQLException failure) {
    if (!CLOSED.contains(of(failure))) {
      return false;
    }
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SocketTimeoutException) {
        return false;
      }
    }
    return true;
  }

  /** What was sent is wrong: a value out of range, a key that does not exist. */
  static boolean isVisitorsFault(SQLException failure) {
    return of(failure).startsWith("22") || of(failure).startsWith("23");
  }

  /** The program is wrong: no such table, no such right. */
  static boolean isOurFault(SQLException failure) {
    return of(failure).startsWith("42");
  }
}
