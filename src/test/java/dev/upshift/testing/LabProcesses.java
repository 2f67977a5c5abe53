package dev.upshift.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Who works in a folder, as the kernel sees it. */
public final class LabProcesses {
  private LabProcesses() {}

  /**
   * The processes whose working directory lies in this folder or whose command line names it: id
   * and command line.
   */
  public static List<String> in(Path folder) {
    try (var all = Files.list(Path.of("/proc"))) {
      return all.filter(process -> process.getFileName().toString().matches("[0-9]+"))
          .filter(process -> !process.endsWith(Long.toString(ProcessHandle.current().pid())))
          .filter(process -> worksIn(process, folder))
          .map(process -> process.getFileName() + " " + commandLine(process))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Of the processes in this folder those that are not of a server on one of these data
   * directories.
   */
  public static List<String> strays(Path folder, List<Path> servers) {
    return in(folder).stream()
        .filter(process -> servers.stream().noneMatch(data -> isOf(process, data)))
        .toList();
  }

  private static boolean isOf(String process, Path data) {
    var pid = process.substring(0, process.indexOf(' '));
    return workingDirectory(Path.of("/proc", pid)).map(data::equals).orElse(false)
        || !Files.exists(Path.of("/proc", pid));
  }

  private static boolean worksIn(Path process, Path folder) {
    var commandLine = commandLine(process);
    return !commandLine.isEmpty()
        && (commandLine.contains(folder + "/")
            || commandLine.endsWith(folder.toString())
            || workingDirectory(process).map(at -> at.startsWith(folder)).orElse(false));
  }

  private static String commandLine(Path process) {
    try {
      var bytes = Files.readAllBytes(process.resolve("cmdline"));
      return new String(bytes, StandardCharsets.ISO_8859_1).replace('\0', ' ').strip();
    } catch (IOException e) {
      // It has ended meanwhile.
      return "";
    }
  }

  private static Optional<Path> workingDirectory(Path process) {
    try {
      return Optional.of(Files.readSymbolicLink(process.resolve("cwd")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
