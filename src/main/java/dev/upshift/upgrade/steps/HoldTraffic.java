package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.traffic.TrafficHold;
import dev.upshift.traffic.TrafficSwitch;

/**
 * Holds the clients of the old primary: makes them wait, or parks them. Its check, while nobody
 * waits yet, gets ready what the steps up to the release will need.
 *
 * @param last what is done on the servers while clients still feel nothing
 */
public record HoldTraffic(TrafficHold traffic, LastAct last)
    implements Reversible<TrafficSwitch.Snapshot, Nothing> {

  /** What is done on the servers right before the hold. */
  public interface LastAct {
    /** Opens sessions that will be needed; changes nothing. */
    void ready();

    /** Done once more where a run is resumed. */
    void perform();
  }

  @Override
  public String title() {
    return "Hold writes: " + traffic.title();
  }

  @Override
  public Check<TrafficSwitch.Snapshot> check() {
    last.ready();
    return Check.ready(traffic.ready());
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
    traffic.undo(before);
  }
}
