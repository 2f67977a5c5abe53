package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.fleet.Agents;
import java.util.List;
import java.util.Set;

/**
 * Lets the agents act again that acted before they were paused: from now on there is one primary. A
 * machine that is away, perhaps for good, is left out, and named.
 *
 * @param paused the servers whose agents were paused
 */
public record ResumeAgents(Agents agents, Set<String> paused)
    implements Forward<Nothing, ResumeAgents.Resumed> {

  /** The servers whose machines did not answer. */
  public record Resumed(List<String> stillPaused) {}

  @Override
  public String title() {
    return "Let the agents act again"
        + (paused.isEmpty() ? ": none was paused" : " on " + String.join(", ", paused));
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Resumed apply(Nothing before) {
    var there = agents.there(paused);
    agents.resume(there);
    return new Resumed(paused.stream().filter(server -> !there.contains(server)).toList());
  }

  @Override
  public Verdict verify(Resumed resumed) {
    var wanted = paused.stream().filter(server -> !resumed.stillPaused().contains(server)).toList();
    var acting = agents.acting(wanted);
    return Verdict.of(acting.containsAll(wanted), "agents act on " + acting + " only");
  }
}
