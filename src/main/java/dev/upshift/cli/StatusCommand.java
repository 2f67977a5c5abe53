package dev.upshift.cli;

import dev.upshift.report.Report;
import dev.upshift.report.Screen;
import dev.upshift.run.RunFolder;
import dev.upshift.run.WayBackStatus;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "status", description = "where the run stands")
final class StatusCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private Wiring wiring = new Wiring();

  StatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    var topology = wiring.topology();
    var latest = RunFolder.latest(topology);
    if (latest.isEmpty()) {
      console.print("no run of " + topology.cluster() + " yet");
      return ExitCode.DONE.number();
    }
    var report = Report.of(latest.get().folder());
    console.print(new Screen(report).text());
    console.print(
        RunFolder.isWorkedOn(topology)
            ? "a process works on it"
            : latest.get().isFinished()
                ? "nothing is left to do"
                : "no process works on it; possible now: upshift resume, upshift undo (before the border)");
    var wayBack = WayBackStatus.of(topology);
    wayBack.map(WayBackStatus::text).ifPresent(console::print);
    RunOutcome.writeJson(
        console, wiring.json(), report.json(wayBack.map(WayBackStatus::facts).orElse(Map.of())));
    return ExitCode.DONE.number();
  }
}
