package dev.upshift.cli;

import dev.upshift.topology.TopologySchema;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "schema", description = "print the JSON Schema of the topology file")
final class SchemaCommand implements Callable<Integer> {
  private final Console console;

  SchemaCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    console.print(TopologySchema.json().stripTrailing());
    return ExitCode.DONE.number();
  }
}
