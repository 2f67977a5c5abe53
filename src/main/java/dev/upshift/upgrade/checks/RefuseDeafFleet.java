package dev.upshift.upgrade.checks;

import dev.upshift.fleet.Agents;
import dev.upshift.fleet.LoadBalancer;
import dev.upshift.fleet.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The load balancer must answer and know the online fleet; the status commands of workers and
 * agents must answer.
 *
 * @param mayBeAway whether an agent's machine may be lost, as on the way back
 */
public record RefuseDeafFleet(
    Optional<LoadBalancer> balancer,
    List<String> online,
    Workers workers,
    List<String> offline,
    Agents agents,
    boolean mayBeAway)
    implements Refusal {

  @Override
  public String id() {
    return "deaf-fleet";
  }

  @Override
  public String title() {
    return "balancer, workers and agents answer";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    workers.running(offline);
    agents.acting(mayBeAway ? agents.there(agents.servers()) : agents.servers());
    balancer.ifPresent(haProxy -> {
      var known =
          haProxy.states(online).keySet().stream()
              .map(server -> server.substring(server.indexOf('/') + 1))
              .toList();
      online.stream()
          .filter(server -> !known.contains(server))
          .forEach(server ->
              findings.add(
                  Finding.blocks(
                      "the load balancer has no server " + server,
                      "name its backend in online.balancer, or take it out of online.servers")));
    });
    return findings;
  }
}
