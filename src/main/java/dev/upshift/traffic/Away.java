package dev.upshift.traffic;

import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The servers that could not be reached a moment ago. One of hundreds is always down, and to find
 * that out again takes seconds each time, which nobody has while clients wait.
 */
public final class Away {
  /** Longer than a short hold, shorter than an operator's patience. */
  private static final Duration TRUSTED = Duration.ofSeconds(60);

  private record Found(String why, Deadline until) {}

  private final Map<String, Found> servers = new ConcurrentHashMap<>();

  /** Why a server was not to be reached, if that was so a moment ago. */
  public Optional<String> why(String server) {
    return Optional.ofNullable(servers.get(server))
        .filter(found -> !found.until().passed())
        .map(Found::why);
  }

  /** It could not be reached. */
  public void note(String server, String why) {
    servers.put(server, new Found(why, Deadline.in(TRUSTED)));
  }

  /** It could be. */
  void clear(String server) {
    servers.remove(server);
  }
}
