package dev.upshift.cli;

import dev.upshift.run.Upgrade.Ask;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "switch", description = "do the short part that clients can feel")
final class SwitchCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private Wiring wiring = new Wiring();

  SwitchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    return RunCommand.run(console, wiring, Ask.SWITCH, "This switches");
  }
}
