package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A shell that is the first process of namespaces of its own, or what it has become, and all that
 * it starts: one signal to it ends everything in there, and the kernel takes the mounts and
 * interfaces away with the last process. It is found by what it was started with, as {@link
 * Residents} are.
 */
final class Enclosure {
  /** Where the programs are that set it up; an operator's PATH may lack the second half. */
  static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final String MARK = "upshift-host";
  private static final Duration END_LIMIT = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(5);

  private final Path folder;

  /** The one that belongs to this folder, whether or not it runs. */
  Enclosure(Path folder) {
    this.folder = folder;
  }

  /**
   * Starts it; what it prints goes to {@link #log}. It outlives us, and Ctrl-C at our terminal.
   *
   * @param namespaces which it gets besides those of processes and mounts, as options of unshare
   * @param script what the shell does: it gets the folder and the arguments, and must not end
   */
  void start(List<String> namespaces, String script, List<String> arguments) {
    var command =
        new ArrayList<>(List.of("setsid", "unshare", "--fork", "--kill-child", "--pid", "--mount"));
    command.addAll(namespaces);
    command.addAll(List.of("--", "sh", "-ec", script, MARK, folder.toString()));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).directory(new File("/")).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().put("PATH", PATH);
    builder.environment().put("LC_ALL", "C");
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()));
    try {
      builder.start().getOutputStream().close();
    } catch (IOException e) {
      throw new WorldError(
          "this machine",
          "unshare could not be started: " + e.getMessage(),
          "install util-linux",
          e);
    }
  }

  /** What it has printed. */
  String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      return "";
    }
  }

  /** Whether it was started and has ended again. */
  boolean failed() {
    return processes(folder).isEmpty();
  }

  /** Whether its first process runs. */
  boolean runs() {
    return !inside().isEmpty();
  }

  /**
   * The path of its network namespace.
   *
   * @throws WorldError when it does not run
   */
  String network() {
    return inside().stream()
        .findFirst()
        .map(pid -> "/proc/" + pid + "/ns/net")
        .orElseThrow(() ->
            new WorldError(
                folder.getFileName().toString(),
                "the host does not run: nothing is left of " + folder,
                "take the lab down, then bring it up again"));
  }

  /** The first process itself, whatever it has become; unshare, which waits for it, is outside. */
  private List<Long> inside() {
    return processes(folder).stream().flatMap(Enclosure::firstProcess).distinct().toList();
  }

  /** The child of unshare; the shell is one that was found itself. */
  private static Stream<Long> firstProcess(long pid) {
    return Residents.words(pid).stream().findFirst().orElse("").equals("sh")
        ? Stream.of(pid)
        : ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).map(ProcessHandle::pid);
  }

  /** Ends all enclosures whose folders are here or below, and waits until the last is gone. */
  static void endBelow(Path folder) {
    var outside = processes(folder);
    var all =
        Stream.concat(outside.stream(), outside.stream().flatMap(Enclosure::firstProcess))
            .distinct()
            .toList();
    all.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    if (!Deadline.in(END_LIMIT).until(PAUSE, () -> all.stream().allMatch(Enclosure::hasEnded))) {
      throw new WorldError(
          "this machine",
          "processes of the hosts are still there: " + all,
          "end them, then: upshift lab down");
    }
    // One that was just about to start when we looked.
    if (!processes(folder).isEmpty()) {
      endBelow(folder);
    }
  }

  private static List<Long> processes(Path folder) {
    return Residents.processes()
        .filter(
            pid -> enclosed(Residents.words(pid)).filter(at -> at.startsWith(folder)).isPresent())
        .toList();
  }

  private static Optional<Path> enclosed(List<String> words) {
    int at = words.indexOf(MARK);
    return at >= 0 && words.contains("-ec") && at + 1 < words.size()
        ? Optional.of(Path.of(words.get(at + 1)))
        : Optional.empty();
  }

  /**
   * The first process of a namespace keeps its id until every other one in there has ended; as a
   * zombie it may last longer, but is the last.
   */
  private static boolean hasEnded(long pid) {
    try {
      var stat =
          Files.readString(
              Path.of("/proc", Long.toString(pid), "stat"), StandardCharsets.ISO_8859_1);
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
    } catch (IOException e) {
      return true;
    }
  }
}
