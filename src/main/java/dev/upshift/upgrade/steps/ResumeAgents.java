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
 * machine that is away, perhaps for good, is left out, and named; so is one whose server has been
 * retired: an agent has nothing to look after there, and repmgrd would not even start.
 *
 * @param paused the servers whose agents were paused
 * @param serving the servers that serve from now on
 */
public record ResumeAgents(Agents agents, Set<String> paused, Set<String> serving)
    implements Forward<Nothing, ResumeAgents.Resumed> {

  /** The servers whose machines did not answer. */
  public record Resumed(List<String> stillPaused) {}

  @Override
  public String title() {
    if (paused.isEmpty()) {
      return "Let the agents act again: none was paused";
    }
    var wanted = wanted();
    var retired = paused.stream().filter(server -> !serving.contains(server)).sorted().toList();
    return "Let the agents act again"
        + (wanted.isEmpty() ? "" : " on " + String.join(", ", wanted))
        + (retired.isEmpty()
            ? ""
            : "; not on " + String.join(", ", retired) + ", where no server is left");
  }

  private List<String> wanted() {
    return paused.stream().filter(serving::contains).sorted().toList();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Resumed apply(Nothing before) {
    var there = agents.there(wanted());
    agents.resume(there);
    return new Resumed(wanted().stream().filter(server -> !there.contains(server)).toList());
  }

  @Override
  public Verdict verify(Resumed resumed) {
    var wanted =
        wanted().stream().filter(server -> !resumed.stillPaused().contains(server)).toList();
    var acting = agents.acting(wanted);
    return Verdict.of(acting.containsAll(wanted), "agents act on " + acting + " only");
  }
}
