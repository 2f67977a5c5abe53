package dev.upshift.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process's children on this machine, read from /proc: a program that lists them would be one
 * more process to start while clients wait.
 */
final class Children {
  /** Where somebody comes or goes all the time, all processes are looked through. */
  private static final int LOOKS = 4;

  private Children() {}

  /** Process id and command line, as ps shows it (what a server calls itself). */
  static Map<String, String> of(String pid) {
    var listed = listed(pid);
    for (int i = 0; i < LOOKS && listed.isPresent(); i++) {
      var again = listed(pid);
      if (again.equals(listed)) {
        return named(listed.get());
      }
      listed = again;
    }
    return named(
        handle(pid).stream()
            .flatMap(ProcessHandle::children)
            .map(child -> Long.toString(child.pid()))
            .toList());
  }

  /** The same by one look, which may leave one out. */
  static Map<String, String> some(String pid) {
    return listed(pid).map(Children::named).orElseGet(() -> of(pid));
  }

  /**
   * As the kernel keeps them with each thread of the parent: to look through all processes takes
   * milliseconds. It leaves out as many as have ended while it was read and had been listed
   * (get_children_pid, fs/proc/array.c): the next time those are not listed, so two lists that are
   * the same are whole.
   *
   * @return empty where it has ended, or the kernel has no such files
   */
  private static Optional<List<String>> listed(String pid) {
    var listed = new ArrayList<String>();
    try (var threads = Files.newDirectoryStream(Path.of("/proc", pid, "task"))) {
      for (var thread : threads) {
        for (var child : Files.readString(thread.resolve("children")).strip().split(" +")) {
          if (!child.isEmpty()) {
            listed.add(child);
          }
        }
      }
      return Optional.of(listed);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** One that has ended meanwhile has no command line, nor has one that is not collected yet. */
  private static Map<String, String> named(List<String> pids) {
    var children = new LinkedHashMap<String, String>();
    pids.forEach(pid -> children.put(pid, commandLine(pid)));
    children.values().removeIf(String::isEmpty);
    return children;
  }

  static boolean worksIn(String pid, Path folder) {
    var process = Path.of("/proc", pid);
    if (!pid.matches("[0-9]+") || !Files.exists(process)) {
      return false;
    }
    try {
      return Files.isSameFile(process.resolve("cwd"), folder);
    } catch (NoSuchFileException e) {
      return false; // it has ended, only nobody has asked for its exit code yet; or the folder went
    } catch (IOException e) {
      return isOfTheSameUser(process, folder);
    }
  }

  /**
   * Another user's process cannot be looked into; after a crash of the machine it may have been
   * given a number that stands in a file of ours. A postmaster is of the user that its folder
   * belongs to (checkDataDir, miscinit.c).
   */
  private static boolean isOfTheSameUser(Path process, Path folder) {
    try {
      return Files.getOwner(process).equals(Files.getOwner(folder));
    } catch (IOException e) {
      return false;
    }
  }

  /** SIGTERM; one that has ended meanwhile is no failure. */
  static void terminate(List<String> pids) {
    pids.forEach(pid -> handle(pid).ifPresent(ProcessHandle::destroy));
  }

  private static Optional<ProcessHandle> handle(String pid) {
    return pid.matches("[0-9]+") ? ProcessHandle.of(Long.parseLong(pid)) : Optional.empty();
  }

  private static String commandLine(String pid) {
    try {
      var bytes = Files.readAllBytes(Path.of("/proc", pid, "cmdline"));
      return new String(bytes, StandardCharsets.ISO_8859_1).replace('\0', ' ').strip();
    } catch (IOException e) {
      return "";
    }
  }
}
