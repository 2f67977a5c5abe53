package dev.upshift.run;

import dev.upshift.engine.Outcome;
import dev.upshift.report.Report;
import dev.upshift.upgrade.Preflight;
import java.util.List;
import java.util.Optional;

/** How a command that works on a run came to its end. */
public sealed interface RunEnd {

  /**
   * The plan was walked, as far as it went.
   *
   * @param wayBack how the way back stands by then; empty where there can be none yet
   */
  record Walked(Outcome outcome, Report report, Optional<WayBackStatus> wayBack)
      implements RunEnd {}

  /** A pre-flight check blocks; nothing was changed. */
  record Refused(List<Preflight.Answer> answers) implements RunEnd {}
}
