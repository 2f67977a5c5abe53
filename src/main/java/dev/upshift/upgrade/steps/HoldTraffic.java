package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.traffic.TrafficHold;
import dev.upshift.traffic.TrafficSwitch;
import java.util.Map;

/**
 * Holds the clients of the old primary: makes them wait, or parks them. While nobody waits yet, it
 * gets ready what the steps up to the release will need.
 *
 * @param last what is done on the servers while clients still feel nothing
 * @param then what leads clients past the border
 * @param addresses where it will lead them
 */
public record HoldTraffic(
    TrafficHold traffic, LastAct last, TrafficSwitch then, Map<String, String> addresses)
    implements Reversible<TrafficSwitch.Snapshot, Nothing> {

  /** What is done on the servers right before the hold. */
  public interface LastAct {
    /** Opens sessions and lays files ready that will be needed; nobody feels anything of it. */
    void ready();

    /** Done once more where a run is resumed. */
    void perform();

    /** Throws away what was got ready and not used. */
    default void forget() {}
  }

  @Override
  public String title() {
    return "Hold writes: " + traffic.title();
  }

  @Override
  public Check<TrafficSwitch.Snapshot> check() {
    return Check.ready(traffic.snapshot());
  }

  @Override
  public void ready() {
    boolean done = false;
    try {
      traffic.closeIdle(); // takes a second to work
      last.ready();
      then.ready(addresses);
      traffic.ready();
      // The collector stops us for 17 to 57 ms each few seconds (two busy processors): in two of
      // three switches while clients waited. With nothing left to collect it does not.
      System.gc();
      done = true;
    } finally {
      if (!done) {
        forget();
      }
    }
  }

  /** What clients can feel first, and all of it whatever comes of that. */
  private void forget() {
    try {
      traffic.forget();
    } finally {
      last.forget();
      then.forget();
    }
  }

  @Override
  public Nothing apply(TrafficSwitch.Snapshot before) {
    last.perform();
    traffic.hold();
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    return Verdict.of(traffic.isHeld(), "not everybody is held: " + traffic.title());
  }

  @Override
  public void undo(TrafficSwitch.Snapshot before) {
    // What was laid ready goes when everybody is let go, and whatever comes of that.
    try {
      traffic.undo(before);
    } finally {
      forget();
    }
  }

  /** A server that was away is not in the snapshot; it may be back. */
  @Override
  public boolean isAsBefore(TrafficSwitch.Snapshot before, TrafficSwitch.Snapshot now) {
    return now.includes(before);
  }
}
