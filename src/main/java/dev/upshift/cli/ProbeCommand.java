package dev.upshift.cli;

import dev.upshift.report.Screen;
import dev.upshift.run.ProbeAlone;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "probe",
    description =
        "measure reads and writes from the client's side, on its own; Ctrl-C ends it early")
final class ProbeCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private Wiring wiring = new Wiring();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "for how long (default ${DEFAULT-VALUE})",
      defaultValue = "30")
  private int seconds;

  ProbeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    var probe = new ProbeAlone(wiring.topology());
    Signals.onInterrupt(probe::stop);
    console.note("measuring for " + seconds + " s");
    var report = probe.measure(Duration.ofSeconds(seconds));
    console.print(new Screen(report).measured());
    RunOutcome.writeJson(console, wiring.json(), report.json());
    return (report.promises().isEmpty() ? ExitCode.DONE : ExitCode.WORLD).number();
  }
}
