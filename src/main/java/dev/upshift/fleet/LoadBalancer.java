package dev.upshift.fleet;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Host;
import dev.upshift.topology.Topology.HaProxy;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * HAProxy, through its runtime socket (management guide, "Unix Socket commands"). What is set there
 * lasts until HAProxy is restarted, which is what a switch wants.
 */
public final class LoadBalancer {
  private static final int FORCED_MAINTENANCE = 0x01;
  private static final int FORCED_DRAIN = 0x08;

  /** Whether a server takes part, in HAProxy's words. */
  public enum State {
    READY,
    DRAIN,
    MAINT;

    private String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  private final Host host;
  private final HaProxy haProxy;

  /** The balancer on this host. */
  public LoadBalancer(Host host, HaProxy haProxy) {
    this.host = host;
    this.haProxy = haProxy;
  }

  /**
   * The state of each of these servers, by backend/server; a server that no backend lists has none.
   */
  public Map<String, State> states(List<String> servers) {
    var states = new TreeMap<String, State>();
    for (var backend : haProxy.backends()) {
      var answer = host.ask(haProxy.socket(), "show servers state " + backend);
      var lines =
          answer
              .lines()
              .filter(line -> line.startsWith("# ") || line.contains(" " + backend + " "))
              .toList();
      if (lines.isEmpty() || !lines.getFirst().startsWith("# ")) {
        throw new WorldError(
            host.name(),
            "HAProxy says of the backend " + backend + ": " + answer.strip(),
            "correct online.balancer");
      }
      var columns = List.of(lines.getFirst().substring(2).split(" "));
      for (var line : lines.subList(1, lines.size())) {
        var values = line.split(" ");
        var name = values[columns.indexOf("srv_name")];
        if (servers.contains(name)) {
          states.put(
              backend + "/" + name,
              state(Integer.parseInt(values[columns.indexOf("srv_admin_state")])));
        }
      }
    }
    return states;
  }

  private static State state(int bits) {
    if ((bits & FORCED_MAINTENANCE) != 0) {
      return State.MAINT;
    }
    return (bits & FORCED_DRAIN) != 0 ? State.DRAIN : State.READY;
  }

  /** Sets servers, named backend/server, to a state each. */
  public void set(Map<String, State> states) {
    states.forEach((server, state) -> {
      var answer = host.tell(haProxy.socket(), "set server " + server + " state " + state.word());
      // An empty line says that it was done; nothing at all, that the connection broke off.
      if (answer.isEmpty() || !answer.isBlank()) {
        throw new WorldError(
            host.name(),
            answer.isEmpty()
                ? "HAProxy did not answer, so "
                    + server
                    + " may or may not be set to "
                    + state.word()
                : "HAProxy says of " + server + ": " + answer.strip(),
            "");
      }
    });
  }

  /** How many requests these servers, named backend/server, are working on. */
  public int sessions(List<String> servers) {
    int sessions = 0;
    var lines =
        host.ask(haProxy.socket(), "show stat").lines().filter(line -> !line.isBlank()).toList();
    var columns = List.of(lines.getFirst().replaceFirst("^# ", "").split(","));
    for (var line : lines.subList(1, lines.size())) {
      var values = line.split(",", -1);
      if (servers.contains(
          values[columns.indexOf("pxname")] + "/" + values[columns.indexOf("svname")])) {
        sessions += Integer.parseInt(values[columns.indexOf("scur")]);
      }
    }
    return sessions;
  }
}
