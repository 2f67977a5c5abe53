package dev.upshift.run;

import dev.upshift.failure.WorldError;
import dev.upshift.journal.EffectLog;
import dev.upshift.topology.Topology;
import java.util.ArrayList;
import java.util.List;

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
}
