package dev.upshift.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The top of the command line: names the commands, does nothing itself. */
@Command(
    name = "upshift",
    version = "upshift 0.1.0",
    mixinStandardHelpOptions = true,
    description =
        "Moves a running PostgreSQL cluster to a new major version while its users go on working.",
    synopsisSubcommandLabel = "COMMAND")
public final class UpshiftCommand implements Callable<Integer> {
  private final Console console;

  private UpshiftCommand(Console console) {
    this.console = console;
  }

  /** The whole command line. */
  public static CommandLine line(Console console) {
    var line =
        new CommandLine(new UpshiftCommand(console))
            .addSubcommand(new DemoCommand(console))
            .addSubcommand(new LabCommand(console))
            .addSubcommand(new CheckCommand(console))
            .addSubcommand(new PlanCommand(console))
            .addSubcommand(new UpgradeCommand(console))
            .addSubcommand(new PrepareCommand(console))
            .addSubcommand(new SwitchCommand(console))
            .addSubcommand(new SettleCommand(console))
            .addSubcommand(new SwitchBackCommand(console))
            .addSubcommand(new FinishCommand(console))
            .addSubcommand(new ResumeCommand(console))
            .addSubcommand(new UndoCommand(console))
            .addSubcommand(new StatusCommand(console))
            .addSubcommand(new ProbeCommand(console))
            .addSubcommand(new AuditCommand(console))
            .addSubcommand(new SudoersCommand(console))
            .addSubcommand(new SchemaCommand(console));
    line.getSubcommands().values().forEach(UpshiftCommand::withHelp);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  private static void withHelp(CommandLine line) {
    line.getCommandSpec().mixinStandardHelpOptions(true);
    line.getSubcommands().values().forEach(UpshiftCommand::withHelp);
  }

  @Override
  public Integer call() {
    console.note("which command? try: upshift --help");
    return ExitCode.INPUT.number();
  }
}
