package dev.upshift.cli;

import dev.upshift.run.RunEnd;
import dev.upshift.run.Upgrade;

/** What the six commands that walk a plan have in common. */
final class RunCommand {
  private RunCommand() {}

  static int run(Console console, Wiring wiring, Upgrade.Ask ask, String what) {
    var topology = wiring.topology();
    if (!wiring.consents(console, topology, what)) {
      console.note("not the cluster's name; nothing was changed");
      return ExitCode.NO_CONSENT.number();
    }
    return RunOutcome.print(console, ask, walk(console, wiring, ask), wiring.json()).number();
  }

  private static RunEnd walk(Console console, Wiring wiring, Upgrade.Ask ask) {
    try (var steps = new StepLines(console)) {
      var upgrade =
          wiring.asAllowed(
              new Upgrade(wiring.topology(), wiring.method(), wiring.gate(console), steps));
      Signals.onInterrupt(() -> {
        console.note("stopping after the effect that is under way; once more ends at once");
        upgrade.stop();
      });
      return upgrade.run(ask);
    }
  }
}
