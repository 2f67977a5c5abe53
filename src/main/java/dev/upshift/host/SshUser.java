package dev.upshift.host;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An account of a machine that is reached by ssh.
 *
 * @param name its name
 * @param uid its number
 * @param gid the number of its group
 * @param home its home folder
 */
record SshUser(String name, String uid, String gid, String home) {
  /** As useradd(8) takes them: a name stands unquoted behind a tilde. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*[$]?");

  /** The question who the account is that we logged in to. */
  static String askWhoWeAre() {
    return "id -un && id -u && id -g && printf '%s\\n' ~";
  }

  /** The question who this is; fails where there is no such user. */
  static String askWhoIs(String name) {
    return NAME.matcher(name).matches()
        ? "id -un %1$s && id -u %1$s && id -g %1$s && printf '%%s\\n' ~%1$s".formatted(name)
        : "false";
  }

  /** The answer to either question. */
  static SshUser parse(String answer) {
    var lines = answer.lines().toList();
    return new SshUser(lines.get(0), lines.get(1), lines.get(2), lines.get(3));
  }

  boolean isRoot() {
    return uid.equals("0");
  }

  /**
   * What the account {@code login} says to become this one, as a shell of this user. setpriv execs,
   * so no process stands between; sudo stays, and has to be allowed without a password.
   */
  List<String> shellFrom(SshUser login) {
    var shell = List.of("env", "-i", "PATH=" + ShellText.PATH, "LC_ALL=C", "HOME=" + home, "sh");
    if (uid.equals(login.uid())) {
      return shell;
    }
    if (login.isRoot()) {
      return Stream.concat(
              Stream.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--init-groups", "--"),
              shell.stream())
          .toList();
    }
    var words = shell.stream().map(Command::quoted).collect(Collectors.joining(" "));
    return List.of(
        "sudo", "-n", "-H", "-u", name, "--", SshReach.SUDO_ALLOWS, "-c", "exec " + words);
  }
}
