package dev.upshift.traffic;

import java.util.Map;

/**
 * Parks clients on a standby: hosts files cannot make anybody wait. Who is parked is let go by
 * being led elsewhere.
 *
 * @param parked each name with the standby's address
 */
public record Parking(TrafficSwitch traffic, Map<String, String> parked) implements TrafficHold {

  @Override
  public String title() {
    return "park "
        + String.join(", ", parked.keySet().stream().sorted().toList())
        + " of the minimal fleet on a standby";
  }

  @Override
  public TrafficSwitch.Snapshot snapshot() {
    return traffic.snapshot();
  }

  @Override
  public void ready() {
    traffic.ready(parked);
  }

  @Override
  public void forget() {
    traffic.forget();
  }

  @Override
  public void hold() {
    traffic.point(parked);
  }

  @Override
  public boolean isHeld() {
    return traffic.leads(parked);
  }

  @Override
  public void release() {}

  @Override
  public boolean isReleased() {
    return true;
  }

  @Override
  public void undo(TrafficSwitch.Snapshot before) {
    traffic.restore(before);
  }
}
