package dev.upshift.probe;

import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.ProbeLog;
import dev.upshift.probe.log.ProbeProcess;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.HdrHistogram.Histogram;

/**
 * The figures of a probe's log.
 *
 * <p>An error is explained only if it is a write's, the write was due or under way in a hold (or up
 * to {@link #MARGIN} beside one), and its state is one that parking or fencing gives. A read's
 * error is never explained.
 *
 * @param reads what readers felt
 * @param writes what writers felt
 * @param unmeasuredMillis the time between the log's processes, when nobody measured
 * @param lastSign the last sign of life of the last of them; from then on nobody measured
 */
public record Measurement(
    Figures reads, Figures writes, double unmeasuredMillis, Optional<Instant> lastSign) {
  /**
   * How far outside a hold an error may lie that it explains: the caller's stamps and the clients'
   * are taken in different processes, and a session ends a little after the statement that ends it.
   */
  public static final Duration MARGIN = Duration.ofMillis(250);

  private static final Set<String> EXPLAINED =
      Set.of(
          "25006", // read-only: parked on a standby
          "57P01", // the session was ended
          "57P02", // ended at once
          "57P03", // starting up, or shutting down
          "28000", // rejected by pg_hba.conf
          "08001", // refused
          "08003", // closed
          "08004", // rejected
          "08006"); // broken

  /**
   * Makes the figures.
   *
   * @param holds when writes were parked or fenced
   * @param switchWindow what is shown on its own, too, as {@code inSwitch}
   */
  public static Measurement of(ProbeLog log, List<Hold> holds, Optional<Window> switchWindow) {
    List<Window> explaining = holds.stream().map(hold -> Window.around(hold, MARGIN)).toList();
    return new Measurement(
        figures(log, explaining, switchWindow, false),
        figures(log, explaining, switchWindow, true),
        unmeasuredMillis(log.processes()),
        log.processes().isEmpty()
            ? Optional.empty()
            : Optional.of(lastSign(log.processes().getLast())));
  }

  private static Instant lastSign(ProbeProcess process) {
    return process.began().plus(process.lastTicksMicros(), ChronoUnit.MICROS);
  }

  private static Figures figures(
      ProbeLog log, List<Window> explaining, Optional<Window> switchWindow, boolean writes) {
    List<Attempt> ofKind = only(log.attempts(), a -> a.lane().writes() == writes && wasSent(a));
    Figures run = split(log, ofKind, explaining, Optional.empty());
    return switchWindow
        .map(w -> run.withSwitch(split(log, only(ofKind, w::overlaps), explaining, switchWindow)))
        .orElse(run);
  }

  /** What was due when the probe was told to stop and could not begin any more, says nothing. */
  private static boolean wasSent(Attempt attempt) {
    return !attempt.state().equals(Attempt.PROBE_STOPPED);
  }

  private static Figures split(
      ProbeLog log, List<Attempt> attempts, List<Window> explaining, Optional<Window> window) {
    return flat(log, attempts, explaining, window)
        .withLanes(
            flat(log, only(attempts, a -> a.lane().kept()), explaining, window),
            flat(log, only(attempts, a -> !a.lane().kept()), explaining, window));
  }

  private static Figures flat(
      ProbeLog log, List<Attempt> attempts, List<Window> explaining, Optional<Window> window) {
    var durations = new Histogram(3);
    durations.setAutoResize(true);
    long maxMicros = 0;
    for (Attempt attempt : only(attempts, Attempt::acknowledged)) {
      durations.recordValue(Math.max(0, attempt.durationMicros()));
      maxMicros = Math.max(maxMicros, attempt.durationMicros());
    }
    List<Attempt> errors = only(attempts, attempt -> !attempt.acknowledged());
    Map<String, Long> byState = new TreeMap<>();
    errors.forEach(error -> byState.merge(error.state(), 1L, Long::sum));
    Optional<Gap> gap = Gap.longest(log.processes(), attempts, window);
    return new Figures(
        attempts.size(),
        durations.getTotalCount(),
        errors.size(),
        byState,
        attempts.stream().mapToLong(Attempt::reconnects).sum(),
        errors.stream().filter(error -> !isExplained(error, explaining)).count(),
        millis(gap.map(Gap::micros).orElse(0L)),
        gap.map(Gap::from),
        gap.map(Gap::to),
        percentileMillis(durations, 50),
        percentileMillis(durations, 99),
        millis(maxMicros),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static double percentileMillis(Histogram durations, double percentile) {
    return durations.getTotalCount() == 0 ? 0 : millis(durations.getValueAtPercentile(percentile));
  }

  private static boolean isExplained(Attempt error, List<Window> explaining) {
    return error.lane().writes()
        && EXPLAINED.contains(error.state())
        && explaining.stream().anyMatch(window -> window.overlaps(error));
  }

  private static double unmeasuredMillis(List<ProbeProcess> processes) {
    long micros = 0;
    for (int i = 1; i < processes.size(); i++) {
      var lastSign = lastSign(processes.get(i - 1));
      micros += Math.max(0, ChronoUnit.MICROS.between(lastSign, processes.get(i).began()));
    }
    return millis(micros);
  }

  private static List<Attempt> only(List<Attempt> attempts, Predicate<Attempt> which) {
    return attempts.stream().filter(which).toList();
  }

  private static double millis(long micros) {
    return micros / 1000.0;
  }
}
