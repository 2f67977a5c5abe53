package dev.upshift.cli;

import dev.upshift.lab.Lab;
import dev.upshift.lab.LabOptions;
import dev.upshift.run.Demo;
import dev.upshift.run.Method;
import dev.upshift.run.Upgrade.Ask;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    description =
        "a real cluster under load, upgraded before your eyes, and removed again; asks nothing")
final class DemoCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private LabWishes wishes = new LabWishes();

  @Option(
      names = "--method",
      description = "physical or logical; default: ${DEFAULT-VALUE}",
      defaultValue = "logical")
  private Method method = Method.LOGICAL;

  @Option(names = "--keep", description = "leave the lab as it is after the upgrade")
  private boolean keep;

  @Option(names = "--yes", description = "a demo never asks; accepted for scripts")
  private boolean yes;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "write the result as JSON ('-': standard output)")
  private Optional<String> json = Optional.empty();

  DemoCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    console.note(
        "demo of the "
            + method
            + " method: a lab, its load, the upgrade, the result"
            + (yes ? "" : "; it asks nothing"));
    try (var bar = new ProgressBar(console);
        var steps = new StepLines(console)) {
      var demo = new Demo(options(), method, bar, steps);
      var lab = demo.lab();
      Signals.onInterrupt(demo::stop);
      try {
        var shown = demo.upgrade(lab);
        var code = RunOutcome.print(console, Ask.UPGRADE, shown.end(), json);
        console.note(FleetLines.text(shown.fleet()));
        return (code == ExitCode.DONE && !shown.worked() ? ExitCode.STEP_FAILED : code).number();
      } finally {
        end(lab);
      }
    }
  }

  private LabOptions options() {
    return method == Method.LOGICAL ? wishes.optionsWithPoolers() : wishes.options();
  }

  private void end(Lab lab) {
    if (keep) {
      console.note(
          "the lab is kept: "
              + lab.dir()
              + "\nits topology: "
              + lab.topologyFile()
              + "\nits site: "
              + lab.site()
              + "\nremove it: upshift lab down --dir "
              + lab.dir());
    } else {
      lab.down();
    }
  }
}
