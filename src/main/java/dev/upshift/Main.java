package dev.upshift;

import dev.upshift.cli.Console;
import dev.upshift.cli.ExitCode;
import dev.upshift.cli.UpshiftCommand;
import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;

/** Parses, runs, and maps a failure to its exit code: the only catch, the only exit. */
public final class Main {
  /** Held, for a logger that nobody holds forgets its level. */
  private static final Logger DRIVER = Logger.getLogger("org.postgresql");

  private Main() {}

  public static void main(String[] arguments) {
    DRIVER.setLevel(Level.OFF);
    System.exit(run(Console.ofProcess(), arguments));
  }

  private static int run(Console console, String... arguments) {
    var line = UpshiftCommand.line(console);
    line.setExecutionExceptionHandler((failure, _, _) -> fail(console, failure));
    line.setParameterExceptionHandler((failure, _) -> unparsed(console, failure));
    return line.execute(arguments);
  }

  private static int unparsed(Console console, CommandLine.ParameterException failure) {
    console.note("upshift: " + failure.getMessage());
    console.note("HINT: " + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help");
    return ExitCode.INPUT.number();
  }

  private static int fail(Console console, Exception failure) {
    return switch (failure) {
      case InputError e -> told(console, e.getMessage() + "", e.hint(), ExitCode.INPUT);
      case WorldError e -> told(console, e.getMessage() + "", e.hint(), ExitCode.WORLD);
      default -> {
        var trace = new java.io.StringWriter();
        failure.printStackTrace(new java.io.PrintWriter(trace));
        console.note(trace.toString());
        yield told(
            console,
            "this is a bug of upshift",
            "please report it with the lines above",
            ExitCode.BUG);
      }
    };
  }

  private static int told(Console console, String what, String hint, ExitCode code) {
    console.note("upshift: " + what + (hint.isEmpty() ? "" : "\nHINT: " + hint));
    return code.number();
  }
}
