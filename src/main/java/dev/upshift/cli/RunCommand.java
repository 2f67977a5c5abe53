package dev.upshift.cli;

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
    try (var steps = new StepLines(console)) {
      var upgrade = new Upgrade(topology, wiring.gate(console), steps);
      Signals.onInterrupt(() -> {
        console.note("stopping after the effect that is under way; once more ends at once");
        upgrade.stop();
      });
      var end = upgrade.run(ask);
      steps.close();
      return RunOutcome.print(console, end, wiring.json()).number();
    }
  }
}
