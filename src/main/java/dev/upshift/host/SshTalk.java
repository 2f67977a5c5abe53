package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.time.Duration;

/** How a talk with a program of another machine begins and ends. */
final class SshTalk {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration END_LIMIT = Duration.ofSeconds(2);

  private SshTalk() {}

  /**
   * Talks first with a shell, which says its process id and then becomes the program. It has
   * answered before it is told to, so it has read nothing that is meant for the program.
   *
   * @param shell a talk with a shell of the user, which echoes words by echo
   */
  static Talk begin(ProcessTalk shell, SshAccount account, Command command, String echo) {
    boolean begun = false;
    try {
      var program = Command.quoted(command.argv().getFirst());
      var asked =
          shell.ask(
              "cd /; unset PWD OLDPWD; exec 2>&1; type " + program + " >/dev/null; echo $? $$",
              Deadline.in(LIMIT));
      var last = asked.lines().toList().getLast().split(" ");
      if (!last[0].equals("0")) {
        throw new WorldError(
            account.name(), "'" + command + "' could not be started", "is it installed?");
      }
      shell.become(ShellText.exec(command), echo, () -> end(account, last[1]), Deadline.in(LIMIT));
      begun = true;
      return shell;
    } finally {
      if (!begun) {
        shell.close();
      }
    }
  }

  /** As a program of this machine is ended: asked first, then killed. */
  private static void end(SshAccount account, String pid) {
    boolean interrupted = Thread.interrupted();
    try {
      var gone = "kill_tree TERM " + pid;
      account.change("end process " + pid, _ -> gone);
      var alive = "kill -0 " + pid + " 2>/dev/null";
      if (!Deadline.in(END_LIMIT).until(PAUSE, () -> !account.look("look", alive).ok())) {
        account.change("kill process " + pid, _ -> "freeze_and_kill " + pid);
      }
    } catch (WorldError e) {
      // Without a connection there is nobody to tell; the program sees the end of its input.
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
