package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.fleet.Workers;
import java.util.List;

/**
 * Stops the workers of some offline servers, gracefully. What the operator had stopped before is no
 * business of ours, then or later.
 *
 * @param which how people call these workers
 */
public record StopWorkers(Workers workers, List<String> servers, String which)
    implements Reversible<StopWorkers.Running, StopWorkers.Running> {

  /** The servers whose workers ran: the ones to start again. */
  public record Running(List<String> servers) {}

  @Override
  public String title() {
    return "Stop "
        + which
        + (servers.isEmpty() ? ": there are none" : " on " + String.join(", ", servers));
  }

  @Override
  public Check<Running> check() {
    return Check.ready(new Running(workers.running(servers)));
  }

  @Override
  public Running apply(Running before) {
    workers.stop(before.servers());
    return before;
  }

  @Override
  public Verdict verify(Running stopped) {
    var running = workers.running(stopped.servers());
    return Verdict.of(running.isEmpty(), "workers still run on " + String.join(", ", running));
  }

  @Override
  public void undo(Running before) {
    workers.start(before.servers());
  }
}
