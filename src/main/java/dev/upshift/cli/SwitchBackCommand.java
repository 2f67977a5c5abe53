package dev.upshift.cli;

import dev.upshift.run.Upgrade.Ask;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "switch-back", description = "back to the old version, with every write made since")
final class SwitchBackCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private Wiring wiring = new Wiring();

  SwitchBackCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    return RunCommand.run(console, wiring, Ask.SWITCH_BACK, "This switches back");
  }
}
