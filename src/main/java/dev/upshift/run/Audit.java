package dev.upshift.run;

import dev.upshift.failure.WorldError;
import dev.upshift.journal.EffectLog;
import dev.upshift.journal.Entry;
import dev.upshift.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the logs of what was done to a cluster are as they were written. */
public final class Audit {
  private Audit() {}

  /**
   * One line for each run.
   *
   * @throws WorldError naming each log that was changed, and where
   */
  public static List<String> verify(Topology topology) {
    var lines = new ArrayList<String>();
    var wrong = new ArrayList<String>();
    for (var run : RunFolder.all(topology)) {
      var where = "run " + run.number() + " (" + run.effects() + ")";
      EffectLog.wrong(run.effects())
          .or(() -> gone(run))
          .ifPresentOrElse(
              what -> wrong.add(where + ": " + what),
              () ->
                  lines.add(
                      where + ": " + EffectLog.count(run.effects()) + " effects, as written"));
    }
    if (!wrong.isEmpty()) {
      throw new WorldError(
          "this machine",
          String.join("; ", wrong),
          "somebody has edited it, or the disk has lost a part of it");
    }
    return lines;
  }

  /** A run that did something has said so. */
  private static Optional<String> gone(RunFolder run) {
    boolean did = run.entries().stream().anyMatch(Entry.Done.class::isInstance);
    return did && EffectLog.count(run.effects()) == 0
        ? Optional.of("it has no effects, though steps are done")
        : Optional.empty();
  }
}
