package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The processes that belong to a lab, found by what they were started with rather than by process
 * id files, which a crash leaves behind and another process's id may stand in. A person's shell or
 * editor in the lab's folder is none of them.
 */
final class Residents {
  private static final Path PROC = Path.of("/proc");
  private static final Duration PAUSE = Duration.ofMillis(20);
  private final LabFolder folder;
  private final List<Path> bins;

  Residents(LabPlan plan) {
    this.folder = plan.folder();
    this.bins = Stream.of(plan.oldSide().bin(), plan.newSide().bin()).map(Residents::real).toList();
  }

  /** Their process ids. */
  List<Long> find() {
    return processes().filter(this::isResident).toList();
  }

  /** All processes of this machine but ourselves. */
  static Stream<Long> processes() {
    var self = ProcessHandle.current().pid();
    try (var entries = Files.list(PROC)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.matches("[0-9]+"))
          .map(Long::parseLong)
          .filter(pid -> pid != self)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new WorldError("this machine", "could not list /proc: " + e.getMessage(), "", e);
    }
  }

  /** Whether there is such a process that has not ended. */
  static boolean isAlive(long pid) {
    return !words(pid).isEmpty();
  }

  private boolean isResident(long pid) {
    var words = words(pid);
    return !words.isEmpty()
        && (isOfDatabases(pid, words)
            || hasArgument(words, "--passfile", folder.passfile())
            || hasArgument(words, "--ready-file", folder.fleet())
            || hasArgument(words, "-f", folder.balancerConf())
            || hasArgument(words, "-F", folder.separateHosts())
            || isPooler(words)
            || isShellOfOurs(words));
  }

  /** A server or another program of PostgreSQL at work on the lab's databases. */
  private boolean isOfDatabases(long pid, List<String> words) {
    boolean postgres = link(pid, "exe").map(exe -> bins.contains(exe.getParent())).orElse(false);
    var databases = folder.databases() + "/";
    return postgres
        && (link(pid, "cwd").map(cwd -> cwd.startsWith(folder.databases())).orElse(false)
            || words.stream().anyMatch(word -> word.contains(databases)));
  }

  private boolean isPooler(List<String> words) {
    return words.getFirst().endsWith("/pgbouncer")
        && words.getLast().startsWith(folder.poolers() + "/");
  }

  private static boolean hasArgument(List<String> words, String name, Path within) {
    int at = words.indexOf(name);
    return at >= 0
        && at + 1 < words.size()
        && words.get(at + 1).startsWith("/")
        && Path.of(words.get(at + 1)).startsWith(within);
  }

  /**
   * The fleets' script, or what keeps the exit code of a detached program: {@code sh -c SCRIPT sh
   * FOLDER ...}.
   */
  private boolean isShellOfOurs(List<String> words) {
    var program = words.getFirst();
    boolean shell = program.equals("sh") || program.endsWith("/sh") || program.equals("setsid");
    boolean keeper = words.contains("-c") && words.stream().anyMatch(this::isJobFolder);
    return shell && (keeper || words.contains(folder.script().toString()));
  }

  private boolean isJobFolder(String word) {
    return Stream.of(folder.databases(), folder.balancer(), folder.poolers(), folder.runs())
        .anyMatch(place -> word.startsWith(place + "/"));
  }

  /** Kills them, and those they start meanwhile, until none is left. */
  void end(Deadline deadline) {
    boolean none =
        deadline.until(
            PAUSE,
            () -> {
              var found = find();
              found.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
              return found.isEmpty();
            });
    if (!none) {
      throw new WorldError(
          "this machine",
          "processes of the lab are still there: " + find(),
          "end them, then: upshift lab down");
    }
  }

  /** What a process was started with; empty for one that has ended. */
  static List<String> words(long pid) {
    try {
      var text = Files.readString(PROC.resolve(pid + "/cmdline"), StandardCharsets.ISO_8859_1);
      return text.isEmpty() ? List.of() : List.of(text.split("\0"));
    } catch (IOException e) {
      return List.of();
    }
  }

  private static Optional<Path> link(long pid, String name) {
    try {
      return Optional.of(Files.readSymbolicLink(PROC.resolve(pid + "/" + name)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Path real(Path bin) {
    try {
      return bin.toRealPath();
    } catch (IOException e) {
      return bin;
    }
  }
}
