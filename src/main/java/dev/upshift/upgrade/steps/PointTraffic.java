package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.traffic.TrafficSwitch;
import java.util.Map;

/**
 * Leads names to addresses in a part of the fleet.
 *
 * @param where how people call that part and where its names will lead
 */
public record PointTraffic(TrafficSwitch traffic, Map<String, String> addresses, String where)
    implements Forward<Nothing, Nothing> {

  @Override
  public String title() {
    return "Point " + where;
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    traffic.point(addresses);
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    return Verdict.of(traffic.leads(addresses), "a hosts file does not lead to " + addresses);
  }
}
