package dev.upshift.cli;

import dev.upshift.run.Audit;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "audit", description = "the log of everything that was done to a cluster")
final class AuditCommand implements Callable<Integer> {
  private final Console console;

  AuditCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    console.note("what about it? try: upshift audit verify TOPOLOGY");
    return ExitCode.INPUT.number();
  }

  @Command(name = "verify", description = "whether it is as it was written")
  int verify(
      @Parameters(paramLabel = "TOPOLOGY", description = "the topology file") Path topology) {
    Audit.verify(TopologyFile.read(topology)).forEach(console::print);
    return ExitCode.DONE.number();
  }
}
