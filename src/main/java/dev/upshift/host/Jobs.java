package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Programs that outlive us, each in a folder of its own: {@code lock} is held as long as the
 * program runs (a lock cannot be mistaken for another process's, a process id can), {@code pid} is
 * the process group, {@code exit} the exit code once it ended.
 */
final class Jobs {
  /**
   * Runs "$@" in the folder $1. The program does not inherit the lock: a server that it leaves
   * behind must not look like it.
   */
  private static final String RUN_AND_KEEP_EXIT_CODE =
      """
      exec >/dev/null 2>&1 </dev/null
      cd "$1" || exit 71
      shift
      exec 9>lock
      flock -n 9 || exit 75
      [ -e pid ] && exit 0
      echo $$ >pid.new && mv pid.new pid
      "$@" >out 2>err 9>&-
      echo $? >exit.new && mv exit.new exit
      """;

  private static final Duration PAUSE = Duration.ofMillis(20);
  private final LocalHost host;

  Jobs(LocalHost host) {
    this.host = host;
  }

  void launch(Path folder, Command command) {
    var wrapped =
        Command.of("setsid", "--fork", "sh", "-c", RUN_AND_KEEP_EXIT_CODE, "sh", folder)
            .with(command.argv().toArray());
    for (var variable : command.environment().entrySet()) {
      wrapped = wrapped.set(variable.getKey(), variable.getValue());
    }
    host.ask(wrapped).orFail();
    if (!Deadline.in(Duration.ofSeconds(10))
        .until(PAUSE, () -> host.exists(folder.resolve("pid")))) {
      throw new WorldError(
          host.name(),
          "'" + command + "' did not start within 10 s",
          "is " + folder + " writable?");
    }
  }

  JobState state(Path folder) {
    if (!host.exists(folder.resolve("pid"))) {
      return new JobState.NotStarted();
    }
    // The lock first, the exit code second: between the two it can only have ended.
    boolean held = host.ask(Command.of("flock", "-n", folder.resolve("lock"), "true")).exit() == 1;
    var exit = host.readText(folder.resolve("exit"));
    if (exit.isPresent()) {
      return new JobState.Ended(Integer.parseInt(exit.get().strip()));
    }
    return held ? new JobState.Running() : new JobState.Lost();
  }

  void kill(Path folder, Duration limit) {
    var group = host.readText(folder.resolve("pid")).orElseThrow().strip();
    if (state(folder) instanceof JobState.Running) {
      host.ask(Command.of("kill", "-KILL", "--", "-" + group));
    }
    var gone = Deadline.in(limit).until(PAUSE, () -> !(state(folder) instanceof JobState.Running));
    if (!gone) {
      throw new WorldError(
          host.name(),
          "process group " + group + " is still there after " + limit.toSeconds() + " s",
          "");
    }
  }
}
