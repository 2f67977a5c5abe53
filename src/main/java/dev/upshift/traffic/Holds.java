package dev.upshift.traffic;

import dev.upshift.host.AtOnce;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Several holds as one. Where one of them fails, the step that holds is undone as a whole. */
public record Holds(List<TrafficHold> holds) implements TrafficHold {

  public Holds {
    holds = List.copyOf(holds);
  }

  @Override
  public String title() {
    return holds.stream().map(TrafficHold::title).collect(Collectors.joining("; "));
  }

  @Override
  public TrafficSwitch.Snapshot snapshot() {
    var places = new TreeMap<String, String>();
    holds.forEach(hold -> places.putAll(hold.snapshot().places()));
    return new TrafficSwitch.Snapshot(places);
  }

  @Override
  public void closeIdle() {
    holds.forEach(TrafficHold::closeIdle);
  }

  @Override
  public void ready() {
    holds.forEach(TrafficHold::ready);
  }

  @Override
  public void forget() {
    holds.forEach(TrafficHold::forget);
  }

  @Override
  public void hold() {
    holds.forEach(TrafficHold::hold);
  }

  @Override
  public boolean isHeld() {
    return holds.stream().allMatch(TrafficHold::isHeld);
  }

  @Override
  public void release() {
    holds.forEach(TrafficHold::release);
  }

  @Override
  public boolean isReleased() {
    return holds.stream().allMatch(TrafficHold::isReleased);
  }

  @Override
  public void undo(TrafficSwitch.Snapshot before) {
    // One that cannot be undone does not keep the others from it.
    AtOnce.each(
        holds,
        hold -> {
          hold.undo(before);
          return true;
        });
  }
}
