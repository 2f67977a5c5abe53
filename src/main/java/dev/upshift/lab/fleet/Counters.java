package dev.upshift.lab.fleet;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Named counters that many threads count up. */
final class Counters {
  private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();

  void count(String name) {
    counters.computeIfAbsent(name, n -> new LongAdder()).increment();
  }

  long get(String name) {
    LongAdder counter = counters.get(name);
    return counter == null ? 0 : counter.sum();
  }

  Map<String, Long> totals() {
    Map<String, Long> totals = new TreeMap<>();
    counters.forEach((name, counter) -> totals.put(name, counter.sum()));
    return totals;
  }
}
