package dev.upshift.fleet;

import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Programs beside the database servers that act on their own when one of them stops: repmgrd,
 * Patroni, Pacemaker. Paused and given back by the operator's own commands, for each has its own.
 */
public final class Agents {
  private final ByCommand agents;
  private final List<String> servers;

  /** The agents that the topology names, on these hosts. */
  public Agents(Map<String, Host> hosts, dev.upshift.topology.Agents said) {
    agents =
        new ByCommand(
            hosts,
            "agents",
            "0 where the agent acts and with 3 where it is paused",
            said.pause(),
            said.resume(),
            said.status());
    servers = said.servers();
  }

  /** The servers that have one. */
  public List<String> servers() {
    return servers;
  }

  /** Of these servers, those that have an agent and whose machines answer. */
  public List<String> there(Collection<String> those) {
    return AtOnce.each(
            servers.stream().filter(those::contains).toList(),
            server -> answers(server) ? List.of(server) : List.<String>of())
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private boolean answers(String server) {
    try {
      return agents.host(server).ask(Command.of("true")).ok();
    } catch (WorldError e) {
      return false;
    }
  }

  /** Of these servers, those whose agent acts. */
  public List<String> acting(List<String> those) {
    return agents.running(those);
  }

  /** Pauses those that act. */
  public void pause(List<String> those) {
    agents.stop(those);
  }

  /** Lets those that are paused act again. */
  public void resume(List<String> those) {
    agents.start(those);
  }
}
