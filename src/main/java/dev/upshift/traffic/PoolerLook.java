package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a look at one process of PgBouncer found.
 *
 * @param where the process
 * @param facts what it said; empty where it could not be asked
 * @param failure why it could not be asked: it does not run, or does not let us in
 */
public record PoolerLook(String where, Optional<Facts> facts, Optional<WorldError> failure) {

  /**
   * What a process that can be asked is like.
   *
   * @param version as it says it, like {@code PgBouncer 1.18.0}
   * @param queryWaitTimeout how long a client's statement may wait; zero is for ever
   * @param shuttingDown whether it takes no new clients: it was told to shut down, or is paused or
   *     suspended as a whole
   * @param unlisted how many processes listen on its address and port besides those of the topology
   * @param missing the managed names without an entry in the configuration
   * @param fallbacks those of them that the entry {@code *} would serve
   * @param includes whether its configuration includes others, where a missing entry may stand
   * @param sessions the pools that hold on to a server for as long as a client is connected
   */
  public record Facts(
      String version,
      Duration queryWaitTimeout,
      boolean shuttingDown,
      int unlisted,
      List<String> missing,
      List<String> fallbacks,
      boolean includes,
      List<SessionPool> sessions) {}

  /**
   * A pool in session mode.
   *
   * @param pool the entry; every managed entry, where a user's own setting makes it so
   * @param user whose setting makes it so; empty where it is the entry's or the process's
   */
  public record SessionPool(String pool, Optional<String> user) {}

  /** The shortest time that a statement may wait on any of these; zero is for ever. */
  public static Duration queryWaitTimeout(List<PoolerLook> looks) {
    return looks.stream()
        .flatMap(look -> look.facts().stream())
        .map(Facts::queryWaitTimeout)
        .filter(limit -> !limit.isZero())
        .min(Duration::compareTo)
        .orElse(Duration.ZERO);
  }
}
