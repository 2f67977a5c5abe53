package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Verdict;
import dev.upshift.fleet.LoadBalancer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Gives each server of the online fleet the state in the load balancer that it had before the
 * switch. One whose names could not be led stays out of it.
 *
 * @param led who was left behind when the rest was led
 */
public record RestoreFleet(
    Optional<LoadBalancer> balancer,
    List<String> rest,
    Result<ShrinkFleet.States> shrunk,
    Result<PointTraffic.Led> led)
    implements Forward<Nothing, Nothing> {

  @Override
  public String title() {
    return rest.isEmpty() || balancer.isEmpty()
        ? "Restore the online fleet: nothing left it"
        : "Put " + String.join(", ", rest) + " back into the load balancer";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    balancer.ifPresent(haProxy -> haProxy.set(wanted()));
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var wanted = wanted();
    var now = new TreeMap<>(balancer.map(haProxy -> haProxy.states(rest)).orElse(Map.of()));
    now.keySet().retainAll(wanted.keySet());
    return Verdict.of(now.equals(wanted), "the load balancer has " + now);
  }

  private Map<String, LoadBalancer.State> wanted() {
    var wanted = new TreeMap<>(shrunk.get().servers());
    wanted
        .keySet()
        .removeIf(server -> led.get().isBehind(server.substring(server.indexOf('/') + 1)));
    return wanted;
  }
}
