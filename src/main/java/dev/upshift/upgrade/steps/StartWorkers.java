package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Verdict;
import dev.upshift.fleet.Workers;
import java.util.List;
import java.util.stream.Stream;

/**
 * Starts the workers that were stopped for the switch, the time-sensitive ones first; no others.
 */
public record StartWorkers(
    Workers workers, Result<StopWorkers.Running> last, Result<StopWorkers.Running> first)
    implements Forward<Nothing, Nothing> {

  @Override
  public String title() {
    return "Start the workers that were stopped";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    workers.start(servers());
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var running = workers.running(servers());
    return Verdict.of(running.containsAll(servers()), "workers run on " + running + " only");
  }

  private List<String> servers() {
    return Stream.concat(last.get().servers().stream(), first.get().servers().stream()).toList();
  }
}
