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

  private static final Duration BECOMING = Duration.ofSeconds(5);

  /** How often one that hides its words for good is looked at. */
  private static final int LOOKS = 20;

  /** The 49th field of stat, counted from the third, which follows the program's name. */
  private static final int ARG_END = 46;

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

  /**
   * What a process was started with; empty for one that has ended. One that is becoming another
   * program shows nothing for that moment (four of 300 starts on a busy machine met it): then it is
   * read again.
   */
  static List<String> words(long pid) {
    var text = read(pid, "cmdline");
    var deadline = Deadline.in(BECOMING);
    int without = 0;
    while (text.isEmpty() && without < LOOKS && hasProgram(pid) && !deadline.passed()) {
      without += becomesAnother(pid) ? 0 : 1;
      text = read(pid, "cmdline");
    }
    return text.isEmpty() ? List.of() : List.of(text.split("\0"));
  }

  /** One that has ended has none any more; the kernel's own never had. */
  private static boolean hasProgram(long pid) {
    return link(pid, "exe").isPresent();
  }

  /** Nothing is known yet of where its words end (arg_end, proc_pid_stat(5); execve's last act). */
  private static boolean becomesAnother(long pid) {
    var stat = read(pid, "stat");
    var fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
    return fields.length > ARG_END && fields[ARG_END].equals("0");
  }

  private static String read(long pid, String name) {
    try {
      return Files.readString(PROC.resolve(pid + "/" + name), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
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
