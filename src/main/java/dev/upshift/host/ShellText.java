package dev.upshift.host;

import java.util.ArrayList;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The texts that are sent to a remote shell, which may be any POSIX sh. Around each of them stands
 * a word that is used once: what comes back before it is the answer, byte for byte, whatever else
 * is in it.
 */
@FunctionalInterface
interface ShellText {
  /** The search path of every command, here and there. */
  String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** Long words are slow to parse, and a shell keeps the longest. */
  int PIECE = 16 * 1024;

  /**
   * Said once to each new shell.
   *
   * <p>{@code left_behind}: whether a process that was started since {@code $before} still has one
   * of our outputs open. Numbers of processes are given in order, and the last one stands in
   * /proc/loadavg: so only the few new ones are looked at, without starting any. A parent that is
   * gone has started its children before, so the look is complete once no new number was given
   * meanwhile. Where the numbers went round or too many are new, all are looked at. What forks into
   * the background needs a moment to let go of its outputs.
   *
   * <p>{@code ended}, {@code answered}: the end of an answer, after a command and after a text of
   * our own.
   */
  String PRELUDE =
      """
      cd /
      unset PWD OLDPWD SHLVL ENV
      PATH=%s LC_ALL=C
      export PATH LC_ALL
      family=" $$ " parent=$PPID
      while [ "${parent:-0}" -gt 1 ] && read -r stat </proc/"$parent"/stat; do
        family="$family$parent "
        set -- ${stat##*) }
        parent=$2
      done 2>/dev/null
      holds() {
        for fd in /proc/"$1"/fd/*; do
          if [ "$fd" -ef /proc/$$/fd/1 ] || [ "$fd" -ef /proc/$$/fd/2 ]; then return 0; fi
        done
        return 1
      }
      look_at_all() {
        for process in /proc/[0-9]*; do
          process=${process#/proc/}
          case $family in *" $process "*) continue ;; esac
          if holds "$process"; then return 0; fi
        done
        return 1
      }
      look_at_new() {
        from=$before looks=0
        while read -r _ _ _ _ last </proc/loadavg && [ "$last" -ne "$from" ]; do
          looks=$((looks + 1))
          if [ "$last" -lt "$from" ] || [ $((last - from)) -gt 1000 ] || [ $looks -gt 20 ]; then
            look_at_all
            return
          fi
          while [ "$from" -lt "$last" ]; do
            from=$((from + 1))
            if [ -e /proc/"$from" ] && holds "$from"; then return 0; fi
          done
        done
        return 1
      }
      left_behind() {
        for pause in 0.02 0.08 0.2; do
          look_at_new || return 1
          sleep $pause
        done
        look_at_new
      }
      ended() {
        printf '%%s %%s\\n' "$1" "$2"
        printf '%%s\\n' "$1" >&2
        if left_behind; then printf '%%s left\\n' "$1"; else printf '%%s clean\\n' "$1"; fi
        printf '%%s\\n' "$1" >&2
      }
      answered() {
        printf '%%s %%s\\n%%s clean\\n' "$1" "$2" "$1"
        printf '%%s\\n%%s\\n' "$1" "$1" >&2
      }
      tree() {
        ps -e -o pid=,ppid= | {
          while read -r process parent; do
            case $all in *" $process "*) continue ;; esac
            case $all in *" $parent "*) all="$all$process " ;; esac
          done
          printf %%s "$all"
        }
      }
      kill_tree() {
        all=" $2 "
        kill -"$1" $(tree) 2>/dev/null
        return 0
      }
      freeze_and_kill() {
        all=" $1 "
        while :; do
          kill -STOP $all 2>/dev/null
          more=$(tree)
          [ "$more" = "$all" ] && break
          all=$more
        done
        kill -KILL $all 2>/dev/null
        return 0
      }
      { [ "$(command -v printf)" = printf ] && [ / -ef / ]; }
      """
          .formatted(PATH);

  /** The text, with this word around the answer. */
  String with(String word);

  /** The prelude; the answer is the shell's process id. */
  static ShellText prelude() {
    return word -> PRELUDE + "able=$?\necho $$\nanswered " + word + " $able\n";
  }

  /** Commands of our own; the exit code is that of the last. */
  static ShellText script(String text) {
    return word -> "{ " + text + "\n} </dev/null\nanswered " + word + " $?\n";
  }

  /**
   * A program that may be anything. It is started by exec in a shell's child, so that no builtin is
   * taken for it, and with the shell's own small environment. That a shell says what killed its
   * child is not part of the program's errors; the colon is there because dash would say it
   * elsewhere. The input is written by a child of its own, which need not end when the program
   * does.
   */
  static ShellText command(Command command) {
    return word -> {
      var text = new StringBuilder("read -r _ _ _ _ before </proc/loadavg\n{ ");
      command
          .input()
          .filter(input -> !input.isEmpty())
          .ifPresent(input ->
              text.append("{ {\n")
                  .append(printed(input.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                  .append("} & } 4>&- | "));
      text.append("(trap 'echo %s !' EXIT; ".formatted(word))
          .append(demand(command.argv().getFirst()))
          .append(exec(command))
          .append(") 2>&4 4>&-\n")
          .append("code=$?\n:\n} 4>&2 2>/dev/null </dev/null\nended " + word + " $code\n");
      return text.toString();
    };
  }

  /**
   * A shell ends with its trap when an exec fails; only bash forgets it first, if it has a path.
   */
  private static String demand(String program) {
    return program.contains("/")
        ? """
        [ -e %1$s ] || { echo %1$s: No such file or directory >&2; exit 127; }
        { [ -x %1$s ] && [ ! -d %1$s ]; } || { echo %1$s: Permission denied >&2; exit 126; }
        """
            .formatted(Command.quoted(program))
        : "";
  }

  /** The shell becomes the program. */
  static String exec(Command command) {
    var exports =
        new TreeMap<>(command.environment())
            .entrySet().stream()
                .map(one -> "export " + one.getKey() + "=" + Command.quoted(one.getValue()) + "; ")
                .collect(Collectors.joining());
    return exports
        + "exec "
        + command.argv().stream().map(Command::quoted).collect(Collectors.joining(" "));
  }

  /**
   * Commands that print these bytes, in the shell itself: they never stand in a list of processes.
   */
  static String printed(byte[] content) {
    var commands = new ArrayList<String>();
    for (int from = 0; from < content.length; from += PIECE) {
      var piece = new StringBuilder("printf '");
      for (int i = from; i < Math.min(content.length, from + PIECE); i++) {
        append(content[i], piece);
      }
      commands.add(piece.append("'\n").toString());
    }
    return commands.isEmpty() ? ":\n" : String.join("", commands);
  }

  /** Octal for all that some shell's printf or quotes could take for something else. */
  private static void append(byte value, StringBuilder piece) {
    boolean plain = value == '\n' || (value >= ' ' && value < 0x7f && "'\\%-".indexOf(value) < 0);
    if (plain) {
      piece.append((char) value);
    } else {
      piece.append("\\%03o".formatted(value & 0xff));
    }
  }
}
