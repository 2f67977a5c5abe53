package dev.upshift.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process's children on this machine, read from /proc: a program that lists them would be one
 * more process to start while clients wait.
 */
final class Children {
  private Children() {}

  /** Process id and command line, as ps shows it (what a server calls itself). */
  static Map<String, String> of(String pid) {
    var children = new LinkedHashMap<String, String>();
    handle(pid)
        .ifPresent(parent ->
            parent
                .children()
                .forEach(
                    child -> children.put(Long.toString(child.pid()), commandLine(child.pid()))));
    // One that has ended meanwhile has no command line, as one has none that is not collected yet.
    children.values().removeIf(String::isEmpty);
    return children;
  }

  /**
   * The same as the kernel keeps them with each thread of the parent: to look through all processes
   * takes milliseconds. Fast and unreliable, says proc(5): one may be left out.
   */
  static Map<String, String> some(String pid) {
    var children = new LinkedHashMap<String, String>();
    try (var threads = Files.newDirectoryStream(Path.of("/proc", pid, "task"))) {
      for (var thread : threads) {
        for (var child : Files.readString(thread.resolve("children")).strip().split(" +")) {
          if (!child.isEmpty()) {
            children.put(child, commandLine(Long.parseLong(child)));
          }
        }
      }
    } catch (IOException e) {
      return of(pid); // a kernel without these files, or it has ended
    }
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

  private static String commandLine(long pid) {
    try {
      var bytes = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
      return new String(bytes, StandardCharsets.ISO_8859_1).replace('\0', ' ').strip();
    } catch (IOException e) {
      return "";
    }
  }
}
