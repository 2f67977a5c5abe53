package dev.upshift.host;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The processes of a machine that is reached by ssh; see {@link Children} for those of this one.
 */
final class SshProcesses {
  private final SshAccount account;

  SshProcesses(SshAccount account) {
    this.account = account;
  }

  Map<String, String> children(String pid) {
    var children = new LinkedHashMap<String, String>();
    if (!isNumber(pid)) {
      return children;
    }
    var answer =
        account.look(
            "list the children of process " + pid,
            """
            ps ww -o pid=,stat=,args= --ppid %s
            [ $? -le 1 ]\
            """
                .formatted(pid));
    // 1 says that there is none. Without a list, nobody must think that there is nobody.
    if (!answer.ok()) {
      throw account.failed("could not list the children of process " + pid, answer);
    }
    for (var line : answer.text().lines().toList()) {
      var fields = line.strip().split(" +", 3);
      // One that has ended, but is not collected yet, says nothing any more.
      if (fields.length == 3 && !fields[1].startsWith("Z")) {
        children.put(fields[0], fields[2].strip());
      }
    }
    return children;
  }

  /** Where we may not look, the owners decide; a process that has ended has no folder. */
  boolean worksIn(String pid, Path folder) {
    return isNumber(pid)
        && account
            .look(
                "look where process " + pid + " works",
                """
                if [ ! -e /proc/%1$s ]; then false
                elif [ /proc/%1$s/cwd -ef %2$s ]; then :
                elif [ -e /proc/%1$s/cwd ]; then false
                else
                  case $(readlink -v /proc/%1$s/cwd 2>&1) in
                    *"Permission denied")
                      [ "$(stat -c %%u /proc/%1$s)" = "$(stat -c %%u -- %2$s)" ] ;;
                    *) false ;;
                  esac
                fi\
                """
                    .formatted(pid, Command.quoted(folder.toString())))
            .ok();
  }

  /** SIGTERM; one that has ended meanwhile is no failure. */
  void terminate(List<String> pids) {
    var numbers = pids.stream().filter(SshProcesses::isNumber).toList();
    if (!numbers.isEmpty()) {
      account.change(
          "end processes",
          _ -> "for pid in " + String.join(" ", numbers) + "; do kill \"$pid\" 2>/dev/null; done");
    }
  }

  private static boolean isNumber(String pid) {
    return pid.matches("[0-9]+");
  }
}
