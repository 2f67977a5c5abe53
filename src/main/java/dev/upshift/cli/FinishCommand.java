package dev.upshift.cli;

import dev.upshift.run.Upgrade.Ask;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "finish",
    description = "close the way back, retire the old cluster, remove what is ours")
final class FinishCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private Wiring wiring = new Wiring();

  FinishCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    return RunCommand.run(console, wiring, Ask.FINISH, "This closes the way back of");
  }
}
