package dev.upshift.cli;

import dev.upshift.run.Upgrade;
import dev.upshift.upgrade.Preflight;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "check",
    description = "look at everything that must be so before an upgrade; changes nothing")
final class CheckCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private Wiring wiring = new Wiring();

  CheckCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    var upgrade =
        new Upgrade(wiring.topology(), wiring.method(), (_, _) -> Optional.empty(), _ -> {});
    var answers = wiring.asAllowed(upgrade).check();
    RunOutcome.print(console, answers);
    RunOutcome.writeJson(console, wiring.json(), answers);
    return (answers.stream().allMatch(Preflight.Answer::passes) ? ExitCode.DONE : ExitCode.BLOCKED)
        .number();
  }
}
