package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.traffic.TrafficSwitch;
import java.util.List;
import java.util.Map;

/**
 * Leads names to addresses in a part of the fleet. A server of it that is down, and may be, is left
 * behind, and named: its names lead to servers that turn clients away, and it is led with the
 * others the next time.
 *
 * @param where how people call that part and where its names will lead
 */
public record PointTraffic(TrafficSwitch traffic, Map<String, String> addresses, String where)
    implements Forward<Nothing, PointTraffic.Led> {

  /** The servers that were left behind, and why. */
  public record Led(List<String> behind) {
    boolean isBehind(String server) {
      return behind.stream().anyMatch(one -> one.startsWith(server + ": "));
    }
  }

  @Override
  public String title() {
    return "Point " + where;
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Led apply(Nothing before) {
    traffic.point(addresses);
    return new Led(traffic.away());
  }

  @Override
  public Verdict verify(Led led) {
    return Verdict.of(traffic.leads(addresses), "a hosts file does not lead to " + addresses);
  }
}
