package dev.upshift.probe.log;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * One attempt that came to an end. Wall-clock stamps say when it was; the duration and the ticks
 * come from the monotonic clock and say how long it took.
 *
 * @param process which of the log's processes made it, counted from 0
 * @param lane its lane
 * @param n its number, never used twice in a lane of a log
 * @param intendedMicros when it should have begun, microseconds since 1970
 * @param startMicros when it began
 * @param endMicros when it ended
 * @param durationMicros from intended to end: a stall shows in every attempt that should have run
 *     during it
 * @param ticksMicros its end, counted from its process's begin line
 * @param outcome how it ended
 * @param state the SQLSTATE, or a word of the probe's own; "" when it is acknowledged
 * @param reconnects how many connections it opened after the first one had broken
 * @param server who answered
 */
public record Attempt(
    int process,
    Lane lane,
    long n,
    long intendedMicros,
    long startMicros,
    long endMicros,
    long durationMicros,
    long ticksMicros,
    Outcome outcome,
    String state,
    int reconnects,
    AnsweringServer server) {

  /** The state of an attempt that could not begin before its probe had to end. */
  public static final String PROBE_STOPPED = "probe-stopped";

  /** The state of a read that was answered, but without the row that must be there. */
  public static final String NO_DATA = "02000";

  /** When it should have begun. */
  public Instant intended() {
    return instant(intendedMicros);
  }

  /** When it ended. */
  public Instant end() {
    return instant(endMicros);
  }

  /** Whether the server acknowledged it. */
  public boolean acknowledged() {
    return outcome == Outcome.OK;
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
