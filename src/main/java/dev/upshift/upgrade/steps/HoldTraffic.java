package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.traffic.TrafficSwitch;
import java.util.Map;

/**
 * Parks the minimal fleet: all its database names lead to an old standby, where reads go on and
 * writes fail. First the old primary writes a checkpoint, while clients still feel nothing, so that
 * its shutdown has little left to write.
 *
 * @param parked each name with the standby's address
 */
public record HoldTraffic(TrafficSwitch minimalFleet, Map<String, String> parked, PgServer primary)
    implements Reversible<TrafficSwitch.Snapshot, Nothing> {

  private static final String MARK =
      "INSERT INTO upshift.marker (text) VALUES ('the last write before the hold')";

  @Override
  public String title() {
    return "Hold writes: park "
        + String.join(", ", parked.keySet().stream().sorted().toList())
        + " of the minimal fleet on a standby";
  }

  @Override
  public Check<TrafficSwitch.Snapshot> check() {
    return Check.ready(minimalFleet.snapshot());
  }

  @Override
  public Nothing apply(TrafficSwitch.Snapshot before) {
    if (primary.isRunning()) {
      primary.execute(MARK);
      primary.execute("CHECKPOINT");
    }
    minimalFleet.point(parked);
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    return Verdict.of(
        minimalFleet.leads(parked),
        "a hosts file of the minimal fleet does not lead to the standby");
  }

  @Override
  public void undo(TrafficSwitch.Snapshot before) {
    minimalFleet.restore(before);
  }
}
