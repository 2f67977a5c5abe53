package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.fleet.Agents;
import java.util.List;

/**
 * Pauses what would make another server the primary, or start the old one again, when the old
 * primary stops or takes no clients any more. It stays paused until {@link ResumeAgents}: as long
 * as there is a way back there are two primaries, of which an agent knows one. On a machine that is
 * away there is nothing that it could start for our clients; it is left out, and named.
 */
public record PauseAgents(Agents agents)
    implements Reversible<PauseAgents.Acting, PauseAgents.Paused> {

  /** The servers whose agents acted. */
  public record Acting(List<String> servers) {}

  /** The servers whose machines did not answer. */
  public record Paused(List<String> unpaused) {}

  @Override
  public String title() {
    var servers = agents.servers();
    return "Pause the agents"
        + (servers.isEmpty() ? ": there are none" : " on " + String.join(", ", servers));
  }

  @Override
  public Check<Acting> check() {
    return Check.ready(new Acting(agents.acting(agents.there(agents.servers()))));
  }

  @Override
  public Paused apply(Acting before) {
    var there = agents.there(agents.servers());
    agents.pause(there.stream().filter(before.servers()::contains).toList());
    return new Paused(agents.servers().stream().filter(server -> !there.contains(server)).toList());
  }

  @Override
  public Verdict verify(Paused paused) {
    var acting = agents.acting(agents.there(agents.servers()));
    return Verdict.of(acting.isEmpty(), "agents still act on " + String.join(", ", acting));
  }

  /** A machine that is lost for good keeps nobody from going back. */
  @Override
  public void undo(Acting before) {
    agents.resume(agents.there(before.servers()));
  }

  /** A machine that is away, or has come back since, is no difference. */
  @Override
  public boolean isAsBefore(Acting before, Acting now) {
    return now.servers().containsAll(agents.there(before.servers()));
  }
}
