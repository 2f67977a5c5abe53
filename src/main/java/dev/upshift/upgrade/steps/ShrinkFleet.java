package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.fleet.LoadBalancer;
import dev.upshift.fleet.LoadBalancer.State;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Takes the rest of the online fleet out of the load balancer, so that only the minimal fleet has
 * to be led about during the switch. Requests under way may end; whoever keeps a connection open
 * for longer than that does not hold up the switch.
 *
 * @param drainLimit how long requests may take to end
 */
public record ShrinkFleet(Optional<LoadBalancer> balancer, List<String> rest, Duration drainLimit)
    implements Reversible<ShrinkFleet.States, ShrinkFleet.States> {

  /** The state of each server that leaves, by backend/server. */
  public record States(Map<String, State> servers) {}

  private static final Duration PAUSE = Duration.ofMillis(50);

  @Override
  public String title() {
    return rest.isEmpty() || balancer.isEmpty()
        ? "Shrink the online fleet: it is the minimal fleet already"
        : "Take " + String.join(", ", rest) + " out of the load balancer";
  }

  @Override
  public Check<States> check() {
    return Check.ready(new States(states()));
  }

  private Map<String, State> states() {
    return balancer.map(haProxy -> haProxy.states(rest)).orElse(Map.of());
  }

  @Override
  public States apply(States before) {
    balancer.ifPresent(haProxy -> {
      var ready =
          before.servers().entrySet().stream()
              .filter(server -> server.getValue() == State.READY)
              .map(Map.Entry::getKey)
              .toList();
      haProxy.set(all(ready, State.DRAIN));
      Deadline.in(drainLimit).until(PAUSE, () -> haProxy.sessions(ready) == 0);
      haProxy.set(all(ready, State.MAINT));
    });
    return before;
  }

  private static Map<String, State> all(List<String> servers, State state) {
    var states = new TreeMap<String, State>();
    servers.forEach(server -> states.put(server, state));
    return states;
  }

  @Override
  public Verdict verify(States before) {
    var ready =
        states().entrySet().stream()
            .filter(server -> server.getValue() == State.READY)
            .map(Map.Entry::getKey)
            .toList();
    return Verdict.of(ready.isEmpty(), "the load balancer still sends requests to " + ready);
  }

  @Override
  public void undo(States before) {
    balancer.ifPresent(haProxy -> haProxy.set(before.servers()));
  }
}
