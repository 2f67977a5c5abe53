package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.host.SshConnection.Standing;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The files of a machine that is reached by ssh. */
final class SshFiles {
  /** This process among all that ever were. */
  private static final String US = UUID.randomUUID().toString().substring(0, 8);

  private static final String NONE = "No such file or directory";

  private final SshAccount account;

  SshFiles(SshAccount account) {
    this.account = account;
  }

  Optional<byte[]> read(Path file) {
    var what = "read " + file;
    var answer = account.look(what, "cat -- " + quoted(file));
    if (answer.ok()) {
      return Optional.of(answer.out());
    }
    if (answer.reason().equals(NONE)) {
      return Optional.empty();
    }
    throw account.failed("could not " + what, answer);
  }

  boolean exists(Path path) {
    return account.look("look for " + path, "[ -e " + quoted(path) + " ]").ok();
  }

  boolean isFolder(Path path) {
    return account.look("look for " + path, "[ -d " + quoted(path) + " ]").ok();
  }

  /** Also a link that leads nowhere is there. */
  boolean isThere(Path path) {
    var word = quoted(path);
    return account.look("look for " + path, "[ -e %1$s ] || [ -L %1$s ]".formatted(word)).ok();
  }

  List<String> list(Path folder) {
    var answer =
        account.look(
            "list " + folder,
            """
            (
              folder=%s
              [ -d "$folder" ] || { ls -d -- "$folder" >/dev/null; exit; }
              ls -- "$folder" >/dev/null && cd -- "$folder" || exit 1
              for name in * .[!.]* ..?*; do
                if [ -e "$name" ] || [ -L "$name" ]; then printf '%%s\\0' "$name"; fi
              done
            )\
            """
                .formatted(quoted(folder)));
    var none = List.of(NONE, "Not a directory");
    if (!answer.ok() && !none.contains(answer.reason())) {
      throw account.failed("could not list " + folder, answer);
    }
    return Arrays.stream(answer.text().split("\0"))
        .filter(name -> !name.isEmpty())
        .sorted()
        .toList();
  }

  long freeBytes(Path path) {
    var answer =
        account.look(
            "ask for the free space of " + path,
            """
            there=%s
            until [ -e "$there" ]; do there=${there%%/*}; there=${there:-/}; done
            stat -f -c '%%a %%S' -- "$there\"\
            """
                .formatted(quoted(path)));
    if (!answer.ok()) {
      throw account.failed("could not ask for the free space of " + path, answer);
    }
    var fields = answer.text().strip().split(" ");
    return Long.parseLong(fields[0]) * Long.parseLong(fields[1]);
  }

  void makeFolder(Path folder) {
    var all = new ArrayDeque<String>();
    for (var path = folder; path != null; path = path.getParent()) {
      all.addFirst(quoted(path));
    }
    var answer =
        account.change(
            "make the folder " + folder,
            standing ->
                """
                (
                  for folder in %s; do
                    [ -e "$folder" ] && continue
                    mkdir -m 0700 -- "$folder" && %s || exit 1
                  done
                )\
                """
                    .formatted(String.join(" ", all), give(standing, "folder")));
    if (!answer.ok()) {
      throw account.failed("could not make the folder " + folder, answer);
    }
  }

  private static String give(Standing standing, String variable) {
    return standing.givesFiles()
        ? "chown -h %s:%s -- \"$%s\""
            .formatted(standing.user().uid(), standing.user().gid(), variable)
        : ":";
  }

  /**
   * Writes a new content beside its file, and removes what a dead process of ours has left there:
   * only one works on a cluster. Nobody else may read it before it has the mode of the file.
   */
  Ready stage(Path file, byte[] content) {
    var failure = "could not replace " + file;
    var answer =
        account.change("write beside " + file, standing -> writing(standing, file, content));
    if (!answer.ok()) {
      throw account.failed(failure, answer);
    }
    var parts = answer.text().split("\0");
    var ready = new Ready(account, file, parts[0], parts[1]);
    if (!parts[2].strip().startsWith(sum(content))) {
      ready.discard();
      throw new WorldError(
          account.name(), failure + ": what was written reads back as something else", "");
    }
    return ready;
  }

  private static String writing(Standing standing, Path file, byte[] content) {
    return """
    (
      target=%1$s
      [ -e "$target" ] && target=$(readlink -f -- "$target")
      for stale in "${target%%/*}/.${target##*/}."*.upshift; do
        case $stale in *.%6$s-*) ;; *) rm -f -- "$stale" ;; esac
      done
      fresh=${target%%/*}/.${target##*/}.%6$s-%2$s.upshift
      umask 077
      set -C
      {
    %3$s
      } >"$fresh" || exit 1
      if [ -e "$target" ]; then
        %4$s && chmod --reference="$target" -- "$fresh"
      else
        %5$s
      fi && sync -- "$fresh" && printf '%%s\\0' "$target" "$fresh" && sha256sum <"$fresh" || {
        rm -f -- "$fresh"
        exit 1
      }
    )\
    """
        .formatted(
            quoted(file),
            UUID.randomUUID().toString().substring(0, 13),
            ShellText.printed(content),
            standing.handlesFiles().isRoot()
                ? "chown -h --reference=\"$target\" -- \"$fresh\""
                : ":",
            give(standing, "fresh"),
            US);
  }

  private static String sum(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /**
   * A content that lies ready on the machine.
   *
   * @param target the file it is for, links followed
   * @param fresh where it lies now
   */
  record Ready(SshAccount account, Path file, String target, String fresh) {

    /** A bind-mounted file (containers, ip netns exec) refuses the rename: write into it. */
    void commit() {
      var answer =
          account.change(
              "replace " + file,
              _ ->
                  """
                  target=%s fresh=%s
                  { mv -fT -- "$fresh" "$target" 2>/dev/null || {
                    [ -e "$target" ] && [ -r "$fresh" ] &&
                    cat -- "$fresh" >"$target" && sync -- "$target" && rm -f -- "$fresh"
                  }; } && sync -- "${target%%/*}/\"\
                  """
                      .formatted(Command.quoted(target), Command.quoted(fresh)));
      if (!answer.ok()) {
        discard();
        throw account.failed("could not replace " + file, answer);
      }
    }

    void discard() {
      account.change("remove " + fresh, _ -> "rm -f -- " + Command.quoted(fresh));
    }
  }

  private static String quoted(Path path) {
    return Command.quoted(Path.of("/").resolve(path).toString());
  }
}
