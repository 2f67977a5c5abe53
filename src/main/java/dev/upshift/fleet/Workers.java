package dev.upshift.fleet;

import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.topology.Topology;
import dev.upshift.topology.Topology.Offline;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The task workers and schedulers of the offline fleet, stopped and started by the operator's own
 * commands.
 */
public final class Workers {
  /** A graceful stop may finish the task at hand. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Map<String, Host> hosts;
  private final Offline offline;

  /** The workers of the offline fleet on these hosts. */
  public Workers(Map<String, Host> hosts, Offline offline) {
    this.hosts = Map.copyOf(hosts);
    this.offline = offline;
  }

  /** Of these servers, those whose workers run. */
  public List<String> running(List<String> servers) {
    return AtOnce.each(servers, server -> runs(server) ? List.of(server) : List.<String>of())
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  /**
   * Whether the workers of this server run: exit code 0, where 3 means that they do not and
   * anything else is a failure.
   */
  private boolean runs(String server) {
    var answer = host(server).ask(command(offline.status(), server));
    return switch (answer.exit()) {
      case 0 -> true;
      case 3 -> false;
      default ->
          throw new WorldError(
              server,
              "'" + answer.command() + "' exited with " + answer.exit() + answer.lastLines(),
              "offline.status must exit with 0 where the workers run and with 3 where they do not");
    };
  }

  /**
   * Stops the workers of these servers, gracefully, all at once; those that do not run are left
   * alone. One that cannot be reached keeps none of the others from it.
   */
  public void stop(List<String> servers) {
    AtOnce.each(servers, server -> runs(server) && done(server, offline.stop()));
  }

  /** Starts them, all at once likewise; those that run are left alone. */
  public void start(List<String> servers) {
    AtOnce.each(servers, server -> !runs(server) && done(server, offline.start()));
  }

  private boolean done(String server, List<String> command) {
    host(server).run(command(command, server));
    return true;
  }

  private Host host(String server) {
    var host = hosts.get(server);
    if (host == null) {
      throw new IllegalArgumentException("no host for the offline server " + server);
    }
    return host;
  }

  private static Command command(List<String> template, String server) {
    return Command.of(template.stream().map(word -> Topology.expand(word, server)).toList())
        .within(LIMIT);
  }
}
