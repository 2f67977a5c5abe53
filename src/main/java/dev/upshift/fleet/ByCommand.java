package dev.upshift.fleet;

import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What runs on some servers, and is stopped and started there by the operator's own commands.
 *
 * @param section where they stand in the topology
 * @param rule what the exit codes of {@code status} mean
 */
record ByCommand(
    Map<String, Host> hosts,
    String section,
    String rule,
    List<String> stop,
    List<String> start,
    List<String> status) {
  /** A graceful stop may finish the task at hand. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  ByCommand {
    hosts = Map.copyOf(hosts);
  }

  /** Of these servers, those on which it runs. */
  List<String> running(List<String> servers) {
    return AtOnce.each(servers, server -> runs(server) ? List.of(server) : List.<String>of())
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  /** Exit code 0, where 3 means that it does not and anything else is a failure. */
  private boolean runs(String server) {
    var answer = host(server).ask(command(status, server));
    return switch (answer.exit()) {
      case 0 -> true;
      case 3 -> false;
      default ->
          throw new WorldError(
              server,
              "'" + answer.command() + "' exited with " + answer.exit() + answer.lastLines(),
              section + ".status must exit with " + rule);
    };
  }

  /**
   * Stops it on these servers, all at once; where it does not run it is left alone. One that cannot
   * be reached keeps none of the others from it.
   */
  void stop(List<String> servers) {
    AtOnce.each(servers, server -> runs(server) && done(server, stop, false));
  }

  /** Starts it, all at once likewise; where it runs it is left alone. */
  void start(List<String> servers) {
    AtOnce.each(servers, server -> !runs(server) && done(server, start, true));
  }

  /** A command for all servers at once may have been quicker by way of another one. */
  private boolean done(String server, List<String> command, boolean runs) {
    try {
      host(server).run(command(command, server));
    } catch (WorldError e) {
      if (runs(server) != runs) {
        throw e;
      }
    }
    return true;
  }

  Host host(String server) {
    var host = hosts.get(server);
    if (host == null) {
      throw new IllegalArgumentException("no host for the server " + server + " of " + section);
    }
    return host;
  }

  private static Command command(List<String> template, String server) {
    return Command.of(template.stream().map(word -> Topology.expand(word, server)).toList())
        .within(LIMIT);
  }
}
