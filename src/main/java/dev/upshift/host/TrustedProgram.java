package dev.upshift.host;

import dev.upshift.failure.WorldError;
import java.util.List;

/** A program of the operator's, with arguments, that runs with the rights that we have there. */
public final class TrustedProgram {
  private static final int WRITABLE_BY_OTHERS = 0022;

  /** In such a folder everybody may make files, and nobody rename or remove those of others. */
  private static final int STICKY = 01000;

  /**
   * Who we are; then of each file, and of each folder on the way to it, whose it is, its mode and
   * its name. The way is walked name by name, for a link may lead to another one (at most 40, as in
   * path_resolution(7)).
   */
  private static final String LOOK =
      """
      id -un
      program=$(command -v -- "$1") || exit 1
      shift
      for file in "$program" "$@"; do
        [ -f "$file" ] || continue
        stat -L -c '%U %a %n' -- "$file"
        at= rest=${file#/} links=0
        while [ -n "$rest" ]; do
          name=${rest%%/*}
          case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac
          case $name in
            ''|.) continue ;;
            ..) at=${at%/*}; continue ;;
          esac
          if [ -L "$at/$name" ] && [ $links -lt 40 ]; then
            links=$((links + 1))
            to=$(readlink -- "$at/$name")
            case $to in /*) at= ;; esac
            rest=$to/$rest
          else
            at=$at/$name
            [ ! -d "$at" ] || stat -L -c '%U %a %n/' -- "$at"
          fi
        done
      done
      stat -c '%U %a %n' /
      """;

  private TrustedProgram() {}

  /**
   * Makes sure that nobody but root and the user that it runs as may change what will run: the
   * program, and every argument that is the absolute path of a file, as a script is its shell's;
   * and the folders above them, in which it could be put aside for another.
   *
   * @param host the machine, as the user that it runs as
   * @throws WorldError naming the first file or folder that somebody else may change, or the
   *     program that is not there
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
      int mode = Integer.parseInt(fields[1], 8);
      boolean isFolder = fields[2].endsWith("/");
      boolean open = (mode & WRITABLE_BY_OTHERS) != 0 && !(isFolder && (mode & STICKY) != 0);
      if (open || !trusted.contains(fields[0])) {
        var what = isFolder ? command.getFirst() : fields[2];
        throw new WorldError(
            host.name(),
            "%s runs as %s, and others may change %s (owner %s, mode %s)"
                .formatted(
                    what,
                    lines.getFirst().strip(),
                    isFolder ? "the folder " + fields[2] : "it",
                    fields[0],
                    fields[1]),
            "chown root " + fields[2] + " && chmod go-w " + fields[2]);
      }
    }
  }
}
