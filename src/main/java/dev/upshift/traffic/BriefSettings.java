package dev.upshift.traffic;

import dev.upshift.time.Deadline;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Settings that one process has for a moment only, by SET on its console. Every RELOAD brings back
 * what the configuration says, so a tool that is killed in between leaves nothing that lasts.
 */
final class BriefSettings {
  /**
   * Pools use the connections they have and make no others. Of an entry with a pool_size of its own
   * the first does not hold, but the second does.
   */
  static final Map<String, String> NO_GROWTH =
      Map.of("default_pool_size", "1", "max_db_connections", "1");

  /** A connection is tried again at once, and not 15 s after the last one failed. */
  static final Map<String, String> NO_DELAY = Map.of("server_login_retry", "0");

  private final Pooler pooler;
  private final Map<String, String> before = new LinkedHashMap<>();

  BriefSettings(Pooler pooler) {
    this.pooler = pooler;
  }

  /** Sets them, and remembers what they were. */
  synchronized void set(Map<String, String> values, Deadline deadline) {
    if (!before.keySet().containsAll(values.keySet())) {
      var now = recovered(deadline);
      values.keySet().forEach(key -> before.putIfAbsent(key, now.getOrDefault(key, "0")));
    }
    tell(values, deadline);
  }

  /** Sets all of them as they were. */
  synchronized void back(Deadline deadline) {
    if (!before.isEmpty()) {
      tell(before, deadline);
      before.clear();
    }
  }

  /** The process has read its configuration anew. */
  synchronized void forget() {
    before.clear();
  }

  /**
   * Where another tool of ours was killed in such a moment, the process reads its configuration.
   */
  synchronized void recover(Deadline deadline) {
    recovered(deadline);
  }

  private Map<String, String> recovered(Deadline deadline) {
    var now = pooler.settings(deadline);
    boolean anothers =
        before.isEmpty()
            && (now.entrySet().containsAll(NO_GROWTH.entrySet())
                || now.entrySet().containsAll(NO_DELAY.entrySet()));
    if (!anothers) {
      return now;
    }
    pooler.reload();
    return pooler.settings(deadline);
  }

  /** In one line: each line more is a wait while clients may be held. */
  private void tell(Map<String, String> values, Deadline deadline) {
    pooler.tell(
        values.entrySet().stream()
            .map(one -> "SET " + one.getKey() + " = '" + one.getValue() + "'")
            .collect(Collectors.joining("; ")),
        deadline);
  }
}
