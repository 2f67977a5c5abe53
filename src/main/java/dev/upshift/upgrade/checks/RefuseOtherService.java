package dev.upshift.upgrade.checks;

import dev.upshift.fleet.Agents;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.ServiceLook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who looks after the servers must be known: a unit of systemd brings a server up again that was
 * stopped behind its back, and an agent makes another server the primary when one stops.
 *
 * @param running the servers of the old version
 * @param made those that will be made
 * @param agents those that will be paused
 */
public record RefuseOtherService(List<PgServer> running, List<PgServer> made, Agents agents)
    implements Refusal {
  @Override
  public String id() {
    return "other-service";
  }

  @Override
  public String title() {
    return "the servers are looked after by whom the topology says, and by nobody else";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    running.forEach(server -> lookAt(server, findings));
    running.stream()
        .filter(server -> !agents.servers().contains(server.name()))
        .forEach(server -> refuseAgents(server, findings));
    for (var server : made) {
      ServiceLook.named(server)
          .filter(unit -> !ServiceLook.isKnown(server, unit))
          .ifPresent(unit ->
              findings.add(
                  Finding.blocks(
                      "systemd on " + server.name() + " knows no unit " + unit,
                      "install it there (then: systemctl daemon-reload), or correct 'service' in"
                          + " the topology")));
    }
    return findings;
  }

  private static void lookAt(PgServer server, List<Finding> findings) {
    var actual = ServiceLook.unitOf(server);
    var named = ServiceLook.named(server);
    if (!actual.equals(named)) {
      findings.add(
          Finding.blocks(
              server.label()
                  + " is run by "
                  + actual.map(unit -> "systemd's unit " + unit).orElse("no unit of systemd")
                  + named.map(unit -> ", not by " + unit).orElse(""),
              remedy(actual, named)));
    }
    actual
        .flatMap(unit -> ServiceLook.shortStop(server, unit))
        .ifPresent(limit ->
            findings.add(
                Finding.warns(
                    "systemd kills " + server.label() + " when a stop takes longer than " + limit,
                    "a clean stop waits for its standbys: set TimeoutStopSec to some minutes, then:"
                        + " systemctl daemon-reload")));
  }

  private static void refuseAgents(PgServer server, List<Finding> findings) {
    ServiceLook.agentsOn(server)
        .forEach(agent ->
            findings.add(
                Finding.blocks(
                    "on " + server.name() + " runs " + agent.substring(0, agent.indexOf(':')),
                    "it would act on its own when servers stop and start: name in the topology, under"
                        + " agents, what pauses it, or"
                        + agent.substring(agent.indexOf(':') + 1))));
  }

  private static String remedy(Optional<String> actual, Optional<String> named) {
    return actual
        .map(unit -> "say in the topology old.service: {systemd: \"" + unit + "\"}")
        .orElse(
            "stop it by hand and start it by systemctl start "
                + named.orElse("")
                + ", or take 'service' out of the topology");
  }
}
