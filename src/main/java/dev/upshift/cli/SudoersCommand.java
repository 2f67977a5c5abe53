package dev.upshift.cli;

import dev.upshift.run.Sudoers;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "sudoers",
    description = "print what sudo has to allow on each machine, where ssh does not log in as root")
final class SudoersCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "TOPOLOGY", description = "the topology file")
  private Path file = Path.of("");

  SudoersCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Sudoers.of(TopologyFile.read(file))
        .forEach((machine, lines) ->
            console.print("# " + machine + ": /etc/sudoers.d/upshift\n" + lines));
    return ExitCode.DONE.number();
  }
}
