package dev.upshift.docs;

import dev.upshift.cli.ExitCode;

/** docs/exit-codes.md: what each exit code says, and what to do. */
final class ExitCodesPage {
  private static final String HEAD =
      """
      # Exit codes

      Made from the program; do not edit. They are stable: scripts may rely on them.

      | code | name | says | next |
      |---|---|---|---|
      """;

  private ExitCodesPage() {}

  static String text() {
    var text = new StringBuilder(HEAD);
    for (var code : ExitCode.values()) {
      text.append("| %d | %s | %s |\n".formatted(code.number(), code.name(), meaning(code)));
    }
    return text.toString();
  }

  private static String meaning(ExitCode code) {
    return switch (code) {
      case DONE -> "what was asked for is done | –";
      case INPUT ->
          "the command line, the topology file or the order of commands is wrong; nothing was changed | the HINT says what to write";
      case WORLD ->
          "a host, a server or a program failed outside of a step | mend it, then `upshift status`";
      case STEP_FAILED ->
          "a step failed before the gate or past the border, or an undo left something different | mend it, then `upshift resume`; before the border also `upshift undo`";
      case UNDONE ->
          "the switch failed and was taken back: the old primary serves | the reason is printed; mend it, then `upshift switch`, or `upshift undo` for the rest";
      case BLOCKED -> "a pre-flight check blocks; nothing was changed | the HINT is the remedy";
      case NO_CONSENT ->
          "the cluster's name was not typed, or nobody said go at the gate; what is prepared stays | `upshift switch` or `upshift undo`";
      case INTERRUPTED ->
          "stopped by Ctrl-C between two steps | `upshift resume` or `upshift undo`";
      case BUG ->
          "a mistake in upshift; a switch that was under way was taken back | report the lines that were printed, then `upshift status`";
    };
  }
}
