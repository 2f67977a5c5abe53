package dev.upshift.cli;

import dev.upshift.run.Upgrade.Ask;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "prepare", description = "do what clients do not feel, up to the gate")
final class PrepareCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private Wiring wiring = new Wiring();

  PrepareCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    return RunCommand.run(console, wiring, Ask.PREPARE, "This prepares the upgrade of");
  }
}
