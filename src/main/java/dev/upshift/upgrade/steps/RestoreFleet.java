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
    implements Forward<Nothing, RestoreFleet.Restored> {

  /** Those that stay out of it, as backend/server, until somebody takes them back. */
  public record Restored(List<String> out) {}

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
  public Restored apply(Nothing before) {
    balancer.ifPresent(haProxy -> haProxy.set(wanted()));
    return new Restored(
        shrunk.get().servers().entrySet().stream()
            .filter(server -> server.getValue() == LoadBalancer.State.READY)
            .map(Map.Entry::getKey)
            .filter(this::isBehind)
            .toList());
  }

  @Override
  public Verdict verify(Restored result) {
    var wanted = wanted();
    var now = new TreeMap<>(balancer.map(haProxy -> haProxy.states(rest)).orElse(Map.of()));
    now.keySet().retainAll(wanted.keySet());
    return Verdict.of(now.equals(wanted), "the load balancer has " + now);
  }

  private Map<String, LoadBalancer.State> wanted() {
    var wanted = new TreeMap<>(shrunk.get().servers());
    wanted.keySet().removeIf(this::isBehind);
    return wanted;
  }

  private boolean isBehind(String server) {
    return led.get().isBehind(server.substring(server.indexOf('/') + 1));
  }
}
