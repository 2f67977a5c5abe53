package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.fleet.Agents;
import java.util.List;

/**
 * Lets the agents act again: from now on there is one primary. A machine that is away, perhaps for
 * good, is left behind, and named.
 */
public record ResumeAgents(Agents agents) implements Forward<Nothing, ResumeAgents.Resumed> {

  /** The servers whose machines did not answer. */
  public record Resumed(List<String> behind) {}

  @Override
  public String title() {
    var servers = agents.servers();
    return "Let the agents act again"
        + (servers.isEmpty() ? ": there are none" : " on " + String.join(", ", servers));
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Resumed apply(Nothing before) {
    agents.resume(agents.there());
    return new Resumed(agents.away());
  }

  @Override
  public Verdict verify(Resumed resumed) {
    var wanted = agents.servers().stream().filter(one -> !resumed.behind().contains(one)).toList();
    var acting = agents.acting(wanted);
    return Verdict.of(acting.containsAll(wanted), "agents act on " + acting + " only");
  }
}
