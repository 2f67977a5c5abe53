package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Verdict;
import dev.upshift.fleet.LoadBalancer;
import java.util.List;
import java.util.Optional;

/**
 * Gives each server of the online fleet the state in the load balancer that it had before the
 * switch.
 */
public record RestoreFleet(
    Optional<LoadBalancer> balancer, List<String> rest, Result<ShrinkFleet.States> shrunk)
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
    balancer.ifPresent(haProxy -> haProxy.set(shrunk.get().servers()));
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var now = balancer.map(haProxy -> haProxy.states(rest)).orElse(java.util.Map.of());
    return Verdict.of(now.equals(shrunk.get().servers()), "the load balancer has " + now);
  }
}
