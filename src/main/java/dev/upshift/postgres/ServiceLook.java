package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.Output;
import dev.upshift.topology.Topology.Service;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Who looks after a server on its machine, as the machine itself says. */
public final class ServiceLook {
  /** A machine without systemd answers, too: that it has none. */
  private static final String WHERE_THERE_IS_ONE =
      "command -v \"$0\" >/dev/null && exec \"$0\" \"$@\"";

  private static final Pattern SHORT_STOP = Pattern.compile("(?:(\\d+)min ?)?(?:(\\d+)s)?");

  /**
   * Programs that decide on their own who is primary, start servers and rewrite their
   * configuration, and what makes them let go.
   */
  private record Agent(String program, String pause) {}

  private static final List<Agent> AGENTS =
      List.of(
          new Agent("patroni", "end Patroni for the time of the upgrade (patronictl pause first)"),
          // Its pause is remembered by each server for itself (repmgr 5.3 to 5.5).
          new Agent(
              "repmgrd",
              "end repmgrd for the time of the upgrade ('repmgr service pause' is not enough:"
                  + " standbys that are rebuilt know nothing of it)"),
          new Agent("pg_autoctl", "end pg_autoctl for the time of the upgrade"),
          new Agent("stolon-keeper", "end the keepers for the time of the upgrade"),
          new Agent(
              "pacemakerd",
              "end Pacemaker for the time of the upgrade (maintenance-mode=true first)"),
          new Agent("efm", "efm stop-cluster for the time of the upgrade"));

  private ServiceLook() {}

  /**
   * The systemd unit that runs a server: of that unit it is the main process, or will be when the
   * unit is done with starting it. Empty where none does, and where it does not run.
   */
  public static Optional<String> unitOf(PgServer server) {
    return server.pid().flatMap(pid -> unitOf(server.host(), pid));
  }

  private static Optional<String> unitOf(Host host, String pid) {
    return host.readText(java.nio.file.Path.of("/proc", pid, "cgroup"))
        .orElse("")
        .lines()
        .flatMap(line -> Arrays.stream(line.split("/")))
        .filter(part -> part.endsWith(".service"))
        .distinct()
        .filter(unit -> runs(host, unit, pid))
        .findFirst();
  }

  /** Processes of other units stand in their groups, too: whoever started us, for one. */
  private static boolean runs(Host host, String unit, String pid) {
    return property(host, unit, "MainPID").equals(pid)
        || property(host, unit, "ActiveState").equals("activating");
  }

  /** Whether a unit of that name is known on the server's machine. */
  public static boolean isKnown(PgServer server, String unit) {
    return property(server.host(), unit, "LoadState").equals("loaded");
  }

  /** How long it lets a server stop before it kills it, where that is less than a minute. */
  public static Optional<String> shortStop(PgServer server, String unit) {
    var said = property(server.host(), unit, "TimeoutStopUSec");
    var parts = SHORT_STOP.matcher(said);
    return !said.isEmpty() && parts.matches() && parts.group(1) == null
        ? Optional.of(said)
        : Optional.empty();
  }

  /** The unit that the topology names, as systemd writes it; empty where it names none. */
  public static Optional<String> named(PgServer server) {
    return server.service() instanceof Service.Systemd
        ? Optional.of(SystemdUnit.full(server.unit()))
        : Optional.empty();
  }

  /** Programs on the server's machine that would act on their own, and how they let go. */
  public static List<String> agentsOn(PgServer server) {
    var processes = server.host().ask(Command.of("ps", "-e", "-o", "args=")).out().lines().toList();
    return AGENTS.stream()
        .filter(agent -> processes.stream().anyMatch(line -> isRunBy(line, agent.program())))
        .map(agent -> agent.program() + ": " + agent.pause())
        .toList();
  }

  /** As the program itself, or as the script or the module that an interpreter runs. */
  private static boolean isRunBy(String line, String program) {
    var words = Arrays.stream(line.strip().split(" +", 4)).limit(3).toList();
    boolean module = words.size() == 3 && words.get(1).equals("-m");
    return words.stream()
        .limit(module ? 3 : 2)
        .map(word -> word.substring(word.lastIndexOf('/') + 1))
        .anyMatch(program::equals);
  }

  /** Everybody may ask where there is a message bus; where there is none, root may. */
  private static String property(Host host, String unit, String name) {
    var command =
        Command.of("sh", "-c", WHERE_THERE_IS_ONE, "systemctl", "show", "--property=" + name)
            .with("--value", unit);
    return answer(host.ask(command)).or(() -> asRoot(host, command)).orElse("");
  }

  private static Optional<String> answer(Output said) {
    return Optional.of(said).filter(Output::ok).map(output -> output.out().strip());
  }

  /** Nothing where nobody here may become root. */
  private static Optional<String> asRoot(Host host, Command command) {
    try {
      return answer(host.as("root").ask(command));
    } catch (WorldError e) {
      return Optional.empty();
    }
  }
}
