package dev.upshift.cli;

import dev.upshift.run.Upgrade.Ask;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "undo", description = "before the border: take everything back")
final class UndoCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private Wiring wiring = new Wiring();

  UndoCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    return RunCommand.run(console, wiring, Ask.UNDO, "This takes back the upgrade of");
  }
}
