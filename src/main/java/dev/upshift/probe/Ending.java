package dev.upshift.probe;

import dev.upshift.probe.log.AnsweringServer;
import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.Outcome;
import java.sql.SQLException;

/** How an attempt ended, without its times. */
record Ending(Outcome outcome, String state, int reconnects, AnsweringServer server) {
  private static final String NO_STATE = "no-state";

  static Ending ok(AnsweringServer server) {
    return new Ending(Outcome.OK, "", 0, server);
  }

  static Ending failed(SQLException e) {
    return ended(Outcome.FAIL, e, AnsweringServer.NONE);
  }

  static Ending ended(Outcome outcome, SQLException e, AnsweringServer server) {
    String state = e.getSQLState();
    boolean none = outcome == Outcome.OK || state == null || state.isBlank();
    return new Ending(outcome, outcome == Outcome.OK ? "" : none ? NO_STATE : state, 0, server);
  }

  static Ending withoutData(AnsweringServer server) {
    return new Ending(Outcome.FAIL, Attempt.NO_DATA, 0, server);
  }

  /** For an attempt that the probe's end kept from beginning. */
  static Ending probeStopped() {
    return new Ending(Outcome.FAIL, Attempt.PROBE_STOPPED, 0, AnsweringServer.NONE);
  }

  Ending withMoreReconnects(int more) {
    return new Ending(outcome, state, reconnects + more, server);
  }
}
