package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

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

  /** Runs a program that changes something, of which nobody is told once more. */
  @FunctionalInterface
  interface Change {
    Output run(Command command);
  }

  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
  private final Host host;
  private final Change change;

  /** Jobs on this machine. */
  Jobs(Host host, Change change) {
    this.host = host;
    this.change = change;
  }

  void launch(Path folder, Command command) {
    var wrapped =
        Command.of("setsid", "--fork", "sh", "-c", RUN_AND_KEEP_EXIT_CODE, "sh", folder)
            .with(command.argv().toArray());
    for (var variable : command.environment().entrySet()) {
      wrapped = wrapped.set(variable.getKey(), variable.getValue());
    }
    change.run(wrapped).orFail();
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
    var exit = exitCode(folder);
    if (exit.isPresent()) {
      return exit.get();
    }
    // flock: 1 means that somebody holds the lock, 0 that nobody does, anything else that it
    // failed.
    var flock = host.ask(Command.of("flock", "-n", folder.resolve("lock"), "true"));
    if (flock.exit() == 1) {
      return new JobState.Running();
    }
    flock.orFail();
    // It does not run now, so if it has ended by itself, its exit code is there by now.
    return exitCode(folder).orElse(new JobState.Lost());
  }

  private Optional<JobState> exitCode(Path folder) {
    return host.readText(folder.resolve("exit"))
        .map(text -> new JobState.Ended(Integer.parseInt(text.strip())));
  }

  /**
   * Looks for the exit code often, which costs nothing, and whether it still runs seldom, which
   * costs a process.
   */
  JobState await(Path folder, Deadline deadline) {
    while (true) {
      var state = state(folder);
      if (!(state instanceof JobState.Running) || deadline.passed()) {
        return state;
      }
      Deadline.in(LOOK_AGAIN)
          .orEarlier(deadline)
          .until(PAUSE, () -> host.exists(folder.resolve("exit")));
    }
  }

  void kill(Path folder, Duration limit) {
    var group = host.readText(folder.resolve("pid")).orElseThrow().strip();
    // Also where only the shell around the program was killed: the program runs on without it.
    if (hasProcesses(group)) {
      change.run(Command.of("kill", "-KILL", "--", "-" + group));
    }
    var gone =
        Deadline.in(limit)
            .until(
                PAUSE, () -> !(state(folder) instanceof JobState.Running) && !hasProcesses(group));
    if (!gone) {
      throw new WorldError(
          host.name(),
          "process group " + group + " is still there after " + limit.toSeconds() + " s",
          "");
    }
  }

  /** The lock is gone with the first of the group, its other processes a moment later. */
  private boolean hasProcesses(String group) {
    return host.ask(Command.of("ps", "-e", "-o", "pgid=,stat="))
        .orFail()
        .out()
        .lines()
        .map(line -> line.strip().split(" +"))
        .anyMatch(fields -> fields[0].equals(group) && !fields[1].startsWith("Z"));
  }
}
