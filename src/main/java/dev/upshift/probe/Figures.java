package dev.upshift.probe;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What clients felt. Times are counted from when an attempt was due, and are those of acknowledged
 * attempts: a quick error must not improve them.
 *
 * @param attempts attempts that came to an end
 * @param acknowledged those that the server acknowledged
 * @param errors the others
 * @param errorsByState the errors by SQLSTATE, or by a word of the probe's own
 * @param reconnects connections opened within an attempt whose first one had broken
 * @param unexplained errors that no hold explains; see {@link Measurement}
 * @param longestGapMillis the longest time without the end of an acknowledged attempt, while a
 *     probe ran; its begin and its end count too
 * @param longestGapFrom when that gap began; empty when there was nothing to measure
 * @param longestGapTo when it ended
 * @param p50Millis half were at least as quick; 0 when nothing was acknowledged
 * @param p99Millis 99 of 100 were at least as quick
 * @param maxMillis the slowest
 * @param kept the same for held connections alone, where this is about both
 * @param fresh the same for connections of their own alone
 * @param inSwitch the same for the switch window alone, where this is about the whole run
 */
public record Figures(
    long attempts,
    long acknowledged,
    long errors,
    Map<String, Long> errorsByState,
    long reconnects,
    long unexplained,
    double longestGapMillis,
    Optional<Instant> longestGapFrom,
    Optional<Instant> longestGapTo,
    double p50Millis,
    double p99Millis,
    double maxMillis,
    Optional<Figures> kept,
    Optional<Figures> fresh,
    Optional<Figures> inSwitch) {

  Figures withLanes(Figures ofKept, Figures ofFresh) {
    return with(Optional.of(ofKept), Optional.of(ofFresh), inSwitch);
  }

  Figures withSwitch(Figures ofSwitch) {
    return with(kept, fresh, Optional.of(ofSwitch));
  }

  private Figures with(
      Optional<Figures> ofKept, Optional<Figures> ofFresh, Optional<Figures> ofSwitch) {
    return new Figures(
        attempts,
        acknowledged,
        errors,
        errorsByState,
        reconnects,
        unexplained,
        longestGapMillis,
        longestGapFrom,
        longestGapTo,
        p50Millis,
        p99Millis,
        maxMillis,
        ofKept,
        ofFresh,
        ofSwitch);
  }
}
