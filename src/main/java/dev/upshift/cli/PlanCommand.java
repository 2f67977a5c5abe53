package dev.upshift.cli;

import dev.upshift.failure.InputError;
import dev.upshift.run.Planning;
import dev.upshift.run.Upgrade.Ask;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "plan",
    description = "show each step with its very commands and SQL; changes nothing")
final class PlanCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private Wiring wiring = new Wiring();

  @Option(names = "--runbook", description = "write it as Markdown")
  private boolean runbook;

  @Option(
      names = "--of",
      paramLabel = "COMMAND",
      description = "what it is the plan of: upgrade, switch-back, switch or finish")
  private String of = "upgrade";

  PlanCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    var shape = new Planning(wiring.topology()).of(ask(), wiring.method());
    console.print((runbook ? "# Runbook: " : "method ") + shape.method());
    var phase = "";
    int number = 0;
    for (var line : shape.lines()) {
      if (!line.phase().equals(phase)) {
        phase = line.phase();
        console.print((runbook ? "\n## " : "\n") + phase);
      }
      number++;
      var took = line.took().map(time -> "  (took " + seconds(time) + " last time)").orElse("");
      console.print(
          (runbook ? "\n%d. **%s**: %s%s" : "%3d  %-28s %s%s")
              .formatted(number, line.id(), line.title(), took));
      for (var effect : line.effects()) {
        console.print(
            (runbook ? "   - `%s` %s" : "       %-6s %s")
                .formatted(effect.host(), effect.what().replace("\n", "\n              ")));
      }
    }
    shape.blocked().ifPresent(why -> console.note("\nblocked at " + why));
    RunOutcome.writeJson(console, wiring.json(), shape);
    return (shape.blocked().isEmpty() ? ExitCode.DONE : ExitCode.BLOCKED).number();
  }

  private Ask ask() {
    return switch (of) {
      case "upgrade" -> Ask.UPGRADE;
      case "switch-back" -> Ask.SWITCH_BACK;
      case "switch" -> Ask.SWITCH;
      case "finish" -> Ask.FINISH;
      default ->
          throw new InputError(
              "there is no plan of '" + of + "'", "one of: upgrade, switch-back, switch, finish");
    };
  }

  private static String seconds(Duration time) {
    return "%.1f s".formatted(time.toMillis() / 1000.0);
  }
}
