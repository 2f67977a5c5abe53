package dev.upshift.host;

import dev.upshift.failure.WorldError;
import java.util.List;

/** A program of the operator's, with arguments, that runs with the rights that we have there. */
public final class TrustedProgram {
  private static final int WRITABLE_BY_OTHERS = 0022;

  private static final String LOOK =
      "id -un; p=$(command -v -- \"$1\") || exit 1; shift; for f in \"$p\" \"$@\"; do [ ! -f \"$f\" ] || stat -L -c '%U %a %n' -- \"$f\"; done";

  private TrustedProgram() {}

  /**
   * Makes sure that nobody but root and the user that it runs as may change what will run: the
   * program, and every argument that is the absolute path of a file, as a script is its shell's.
   * The folders above them are not looked at.
   *
   * @param host the machine, as the user that it runs as
   * @throws WorldError naming the first file that somebody else may change, or the program that is
   *     not there
   */
  public static void require(Host host, List<String> command) {
    var files = command.stream().skip(1).filter(word -> word.startsWith("/")).toArray();
    var said = host.ask(Command.of("sh", "-c", LOOK, "sh", command.getFirst()).with(files));
    if (!said.ok()) {
      throw new WorldError(
          host.name(),
          "there is no program "
              + command.getFirst()
              + (said.err().isBlank() ? "" : ": " + said.err().strip()),
          "give its whole path; it must be there, and executable");
    }
    var lines = said.out().lines().toList();
    var trusted = List.of("root", lines.getFirst().strip());
    for (var line : lines.subList(1, lines.size())) {
      var fields = line.split(" ", 3);
      boolean open = (Integer.parseInt(fields[1], 8) & WRITABLE_BY_OTHERS) != 0;
      if (open || !trusted.contains(fields[0])) {
        throw new WorldError(
            host.name(),
            "%s runs as %s, and others may change it (owner %s, mode %s)"
                .formatted(fields[2], lines.getFirst().strip(), fields[0], fields[1]),
            "chown root " + fields[2] + " && chmod go-w " + fields[2]);
      }
    }
  }
}
