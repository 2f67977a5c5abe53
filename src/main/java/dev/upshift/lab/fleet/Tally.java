package dev.upshift.lab.fleet;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What became of a number of requests. A request's time counts from the moment it was due, so a
 * stall that keeps requests from being sent is seen.
 */
final class Tally {
  /** How a request ended. */
  enum Outcome {
    OK,
    /** The site said that writes rest for a moment. */
    RESTING,
    FAILED,
    /** Not sent: too many were under way. */
    SKIPPED
  }

  private final Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
  private long longestNanos;
  private long lastOkNanos;
  private long longestStallNanos;

  synchronized void add(Outcome outcome, long tookNanos, long nowNanos) {
    longestNanos = Math.max(longestNanos, tookNanos);
    if (outcome == Outcome.OK) {
      longestStallNanos = stallNanos(nowNanos);
      lastOkNanos = nowNanos;
    }
    outcomes.merge(outcome, 1L, Long::sum);
  }

  private long count(Outcome outcome) {
    return outcomes.getOrDefault(outcome, 0L);
  }

  /** The longest time without a good answer, the present one included; 0 before the first. */
  private long stallNanos(long nowNanos) {
    return count(Outcome.OK) == 0 ? 0 : Math.max(longestStallNanos, nowNanos - lastOkNanos);
  }

  synchronized Map<String, Object> totals(long nowNanos) {
    Map<String, Object> totals = new LinkedHashMap<>();
    for (Outcome outcome : Outcome.values()) {
      totals.put(outcome.name().toLowerCase(Locale.ROOT), count(outcome));
    }
    totals.put("longestMillis", longestNanos / 1_000_000);
    totals.put("longestStallMillis", stallNanos(nowNanos) / 1_000_000);
    return totals;
  }
}
