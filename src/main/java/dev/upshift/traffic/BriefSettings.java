package dev.upshift.traffic;

import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Settings that one process has for a moment only, by SET on its console. Every RELOAD brings back
 * what the configuration says, so a tool that is killed in between leaves nothing that lasts.
 */
final class BriefSettings {
  private static final String MIN_POOL_SIZE = "min_pool_size";
  private static final String IDLE_TIMEOUT = "server_idle_timeout";

  /**
   * Pools that have a connection use it and make no others. Of an entry with a pool_size of its own
   * the first does not hold, but the second does; without the third a pool that is paused would be
   * filled up to its least size (check_pool_size, janitor.c).
   */
  static final Map<String, String> NO_GROWTH =
      Map.of("default_pool_size", "1", "max_db_connections", "1", MIN_POOL_SIZE, "0");

  /** A connection is tried again at once, and not 15 s after the last one failed. */
  static final Map<String, String> NO_DELAY = Map.of("server_login_retry", "0");

  /**
   * Connections to servers that nobody has used for a moment are closed, at one of three looks a
   * second (check_unused_servers, janitor.c), but the last of each pool: one that has none begins
   * to make one when somebody comes, also between {@link Pooler#calm} and PAUSE, which cuts it off.
   * Not much less than this: those that are made anew meanwhile are young, and whoever has just got
   * one is not cut off from it (docs/decisions/0012). Nobody configures 1.1: so it is known for
   * ours.
   */
  static final Map<String, String> NONE_IDLE = Map.of(IDLE_TIMEOUT, "1.1", MIN_POOL_SIZE, "1");

  private final Pooler pooler;

  /** How long what the configuration says is not asked again: a look is a wait of clients. */
  private static final Duration KNOWN = Duration.ofMinutes(1);

  private final Map<String, String> before = new LinkedHashMap<>();
  private final Map<String, String> set = new LinkedHashMap<>();
  private Map<String, String> configured = Map.of();
  private Deadline known = Deadline.in(Duration.ZERO);

  BriefSettings(Pooler pooler) {
    this.pooler = pooler;
  }

  /** Looks what the configuration says, so that it need not be looked up while clients wait. */
  synchronized void ready(Deadline deadline) {
    if (before.isEmpty()) {
      configured = recovered(deadline);
      known = Deadline.in(KNOWN);
    }
  }

  /** Sets them, and remembers what they were; does nothing where they are set. */
  synchronized void set(Map<String, String> values, Deadline deadline) {
    var line = saying(values, deadline);
    if (!line.isEmpty()) {
      pooler.tell(line, deadline);
      set.putAll(values);
    }
  }

  /**
   * Sets {@link #NONE_IDLE}; does nothing where the configuration is as strict about them, or keeps
   * more of them on purpose.
   */
  synchronized void closeIdle(Deadline deadline) {
    ready(deadline);
    double timeout = number(IDLE_TIMEOUT);
    boolean isStrict = timeout > 0 && timeout <= Double.parseDouble(NONE_IDLE.get(IDLE_TIMEOUT));
    if (!isStrict && number(MIN_POOL_SIZE) == 0) {
      set(NONE_IDLE, deadline);
    }
  }

  private double number(String key) {
    return Double.parseDouble(configured.getOrDefault(key, "0"));
  }

  /** Sets them and does this, in one line: each line more is a wait while clients may be held. */
  synchronized void setAnd(Map<String, String> values, String command, Deadline deadline) {
    var line = saying(values, deadline);
    pooler.tell(line.isEmpty() ? command : line + "; " + command, deadline);
    set.putAll(values);
  }

  private String saying(Map<String, String> values, Deadline deadline) {
    if (set.entrySet().containsAll(values.entrySet())) {
      return "";
    }
    if (before.isEmpty() && known.passed()) {
      ready(deadline);
    }
    values.keySet().forEach(key -> before.putIfAbsent(key, configured.getOrDefault(key, "0")));
    return line(values);
  }

  /** Sets all of them as they were. */
  synchronized void back(Deadline deadline) {
    if (!before.isEmpty()) {
      pooler.tell(line(before), deadline);
      forget();
    }
  }

  /** The process has read its configuration anew. */
  synchronized void forget() {
    before.clear();
    set.clear();
  }

  /**
   * Where another tool of ours was killed in such a moment, the process reads its configuration.
   */
  synchronized void recover(Deadline deadline) {
    if (before.isEmpty()) {
      recovered(deadline);
    }
  }

  private Map<String, String> recovered(Deadline deadline) {
    var now = pooler.settings(deadline);
    boolean anothers =
        Stream.of(NO_GROWTH, NO_DELAY, NONE_IDLE)
            .anyMatch(values -> now.entrySet().containsAll(values.entrySet()));
    if (!anothers) {
      return now;
    }
    pooler.reload();
    return pooler.settings(deadline);
  }

  private static String line(Map<String, String> values) {
    return values.entrySet().stream()
        .map(one -> "SET " + one.getKey() + " = '" + one.getValue() + "'")
        .collect(Collectors.joining("; "));
  }
}
