package dev.upshift.probe.log;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One process that wrote into the log.
 *
 * @param pid its process id
 * @param processStarted when the operating system started it; with the pid, this names a process
 *     for certain
 * @param began when its first attempt was due
 * @param rate attempts a second in each lane
 * @param ended when it ended of its own will; empty while it runs, and for ever if it was killed
 * @param lastTicksMicros its last sign of life, counted from its begin line
 */
public record ProbeProcess(
    long pid,
    Instant processStarted,
    Instant began,
    int rate,
    Optional<Instant> ended,
    long lastTicksMicros) {

  /**
   * The kernel's boot time, which start times are counted from, moves a little with the clock; a
   * pid does not come round again within this time.
   */
  private static final Duration START_MARGIN = Duration.ofSeconds(2);

  /**
   * The process, if it still runs. Pids are given out again: one that was started at another time
   * is not it.
   */
  public Optional<ProcessHandle> running() {
    if (ended.isPresent()) {
      return Optional.empty();
    }
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::startedWhenWeDid);
  }

  private boolean startedWhenWeDid(ProcessHandle handle) {
    return handle
        .info()
        .startInstant()
        .map(start -> Duration.between(start, processStarted).abs().compareTo(START_MARGIN) <= 0)
        .orElse(false);
  }
}
