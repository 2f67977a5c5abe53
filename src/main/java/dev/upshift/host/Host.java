package dev.upshift.host;

import dev.upshift.time.Deadline;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A machine. What only looks ({@link #ask}, {@link #read}, {@link #exists}) and what changes
 * something ({@link #run}, {@link #replace}, …) are apart: a dry run lets the first through and
 * shows the second.
 *
 * <p>Failures of the machine are a {@link dev.upshift.failure.WorldError}.
 */
public interface Host {

  /** The name the topology gives it. */
  String name();

  /** The same machine, where programs run as this user and new files belong to him. */
  Host as(String user);

  /** Whether effects are only shown here, so that nothing of them can be seen afterwards. */
  default boolean onlyShows() {
    return false;
  }

  /** Runs a program that only looks; any exit code is an answer. */
  Output ask(Command command);

  /** Runs a program that changes something; any exit code but 0 is a failure. */
  default Output run(Command command) {
    return attempt(command).orFail();
  }

  /** Runs a program that changes something; any exit code is an answer. */
  Output attempt(Command command);

  /** The bytes of a file, or nothing if there is no such file. */
  Optional<byte[]> read(Path file);

  /** The text of a file in UTF-8, or nothing if there is no such file. */
  default Optional<String> readText(Path file) {
    return read(file).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
  }

  /** Whether there is such a file or folder. */
  boolean exists(Path path);

  /** The names in a folder; none if there is no such folder. */
  List<String> list(Path folder);

  /** The bytes free for this path's file system, for an ordinary user. */
  long freeBytes(Path path);

  /**
   * Replaces a file in one move: a temporary file beside it, fsync, rename. Owner and mode stay; a
   * new file gets mode 0600. Where the file is a mount point and cannot be renamed over (EBUSY), it
   * is written in place.
   */
  default void replace(Path file, byte[] content) {
    try (var staged = stage(file, content)) {
      staged.commit();
    }
  }

  /**
   * Does all of {@link #replace} but the move: the new content is written beside the file, with its
   * owner and mode, brought to the disk and read back.
   */
  Staged stage(Path file, byte[] content);

  /** Replaces a file by a text in UTF-8. */
  default void replaceText(Path file, String text) {
    replace(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Replaces a file whose content nobody may see, in a dry run neither. */
  default void replaceSecret(Path file, String text) {
    replaceText(file, text);
  }

  /** Makes a folder and those above it, mode 0700; does nothing where it exists. */
  void makeFolder(Path folder);

  /** Removes a file or a folder with all that is in it; does nothing where there is none. */
  void remove(Path path);

  /** Renames within a file system. */
  void move(Path from, Path to);

  /**
   * Starts a program that outlives this one: its output is in {@code out} and {@code err} and its
   * exit code in {@code exit} in the given folder. Does nothing where one was started in that
   * folder before, whatever became of it.
   */
  void launch(Path folder, Command command);

  /** Where the program that was launched in this folder stands. */
  JobState state(Path folder);

  /**
   * Waits until the program that was launched in this folder no longer runs, or the deadline has
   * passed.
   */
  JobState await(Path folder, Deadline deadline);

  /**
   * Kills the program that was launched in this folder and all its children, and waits until they
   * are gone.
   */
  void kill(Path folder, Duration limit);

  /**
   * A process's children: process id and what it calls itself. None where there is no such process.
   */
  Map<String, String> children(String pid);

  /**
   * The same at less cost, where that is to be had: it may leave one out while others end, and
   * proves nothing.
   */
  default Map<String, String> someChildren(String pid) {
    return children(pid);
  }

  /**
   * Whether a process with this id works in this folder; one that may not be looked into counts as
   * one that does. No program is started for it.
   */
  boolean worksIn(String pid, Path folder);

  /** Asks processes to end (SIGTERM); those that are gone already are no failure. */
  void terminate(List<String> pids);

  /**
   * Starts a program that only does what it is told line by line, and keeps it open; the command's
   * input and limit do not count.
   *
   * @param echo the line that makes the program print a word on a line of its own, with %s for the
   *     word, as {@code \echo %s} does for psql
   */
  Talk talk(Command command, String echo);

  /**
   * A Unix socket on this machine, of the same name, that leads to this socket of the host. It
   * stays the same as long as the host is used; whether anybody listens there is not asked.
   */
  Path reach(Path socket);

  /**
   * A Unix socket on this machine that leads to a port, as the host comes to it; empty where the
   * host is this machine. The same is said of it as of {@link #reach(Path)}.
   */
  Optional<Path> reach(String address, int port);

  /**
   * Sends a line that only asks to a Unix socket, and returns what comes back until the other side
   * closes.
   */
  String ask(Path socket, String line);

  /**
   * Sends a line that changes something to a Unix socket, and returns what comes back until the
   * other side closes.
   */
  String tell(Path socket, String line);
}
