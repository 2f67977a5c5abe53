package dev.upshift.probe;

import dev.upshift.probe.log.Attempt;
import dev.upshift.probe.log.ProbeProcess;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** A time without the end of an acknowledged attempt, by the monotonic clock of one process. */
record Gap(Instant from, long micros) {

  Instant to() {
    return from.plus(micros, ChronoUnit.MICROS);
  }

  /**
   * The longest, within the window if there is one. Between two processes nobody looked: that time
   * is in no gap.
   */
  static Optional<Gap> longest(
      List<ProbeProcess> processes, List<Attempt> attempts, Optional<Window> window) {
    Optional<Gap> longest = Optional.empty();
    for (int i = 0; i < processes.size(); i++) {
      int index = i;
      LongStream ends =
          attempts.stream()
              .filter(attempt -> attempt.process() == index && attempt.acknowledged())
              .mapToLong(Attempt::ticksMicros);
      Optional<Gap> gap = longestOf(processes.get(i), ends, window);
      if (gap.isPresent() && (longest.isEmpty() || gap.get().micros > longest.get().micros)) {
        longest = gap;
      }
    }
    return longest;
  }

  private static Optional<Gap> longestOf(
      ProbeProcess process, LongStream ends, Optional<Window> window) {
    long begin = Math.max(0, window.map(w -> ticks(process, w.from())).orElse(0L));
    long end =
        Math.min(
            process.lastTicksMicros(),
            window.map(w -> ticks(process, w.to())).orElse(Long.MAX_VALUE));
    if (begin >= end) {
      return Optional.empty();
    }
    long[] marks =
        LongStream.concat(ends.filter(e -> e > begin && e < end), LongStream.of(end))
            .sorted()
            .toArray();
    long from = begin;
    long longestFrom = begin;
    long longest = 0;
    for (long mark : marks) {
      if (mark - from > longest) {
        longest = mark - from;
        longestFrom = from;
      }
      from = mark;
    }
    return Optional.of(new Gap(process.began().plus(longestFrom, ChronoUnit.MICROS), longest));
  }

  private static long ticks(ProbeProcess process, Instant instant) {
    return ChronoUnit.MICROS.between(process.began(), instant);
  }
}
