package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Clock;
import java.time.Duration;
import java.util.List;

/**
 * Makes the clients of poolers wait: all of them, on every process, or nobody. A transaction that
 * is in the way is given a moment to end while everybody goes on, and then it is tried once more.
 *
 * @param pools what people call the pools that are held
 */
public record Waiting(Poolers poolers, List<String> pools) implements TrafficHold {
  /** Past it, whoever waits begins to notice. */
  private static final Duration ONE_TRY = Duration.ofSeconds(2);

  private static final Duration BREATH = Duration.ofMillis(300);
  private static final int TRIES = 2;
  private static final int LOOKS = 20;

  @Override
  public String title() {
    return "make the clients of " + String.join(", ", pools) + " wait at the poolers";
  }

  @Override
  public TrafficSwitch.Snapshot snapshot() {
    return poolers.snapshot();
  }

  @Override
  public void closeIdle() {
    poolers.open();
    poolers.closeIdle();
  }

  @Override
  public void ready() {
    poolers.open();
    // What is looked at while they wait: code that has run some times before is faster.
    for (int i = 0; i < LOOKS; i++) {
      var _ = poolers.isPaused();
    }
  }

  @Override
  public void forget() {
    poolers.keepIdle();
  }

  @Override
  public void hold() {
    for (int i = 1; ; i++) {
      try {
        poolers.pause(ONE_TRY);
        return;
      } catch (WorldError e) {
        if (i == TRIES) {
          throw e;
        }
        Clock.system().sleep(BREATH);
      }
    }
  }

  @Override
  public boolean isHeld() {
    return poolers.isPaused();
  }

  @Override
  public void release() {
    poolers.resume();
  }

  @Override
  public boolean isReleased() {
    return poolers.isReleased();
  }

  /** First everybody goes on: before the border their entries still lead where they led. */
  @Override
  public void undo(TrafficSwitch.Snapshot before) {
    try {
      poolers.resume();
    } finally {
      poolers.restore(before);
    }
  }
}
