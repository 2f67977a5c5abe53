package dev.upshift.fleet;

import dev.upshift.host.Host;
import dev.upshift.topology.Topology.Offline;
import java.util.List;
import java.util.Map;

/**
 * The task workers and schedulers of the offline fleet, stopped and started by the operator's own
 * commands.
 */
public final class Workers {
  private final ByCommand workers;

  /** The workers of the offline fleet on these hosts. */
  public Workers(Map<String, Host> hosts, Offline offline) {
    workers =
        new ByCommand(
            hosts,
            "offline",
            "0 where the workers run and with 3 where they do not",
            offline.stop(),
            offline.start(),
            offline.status());
  }

  /** Of these servers, those whose workers run. */
  public List<String> running(List<String> servers) {
    return workers.running(servers);
  }

  /**
   * Stops the workers of these servers, gracefully, all at once; those that do not run are left
   * alone. One that cannot be reached keeps none of the others from it.
   */
  public void stop(List<String> servers) {
    workers.stop(servers);
  }

  /** Starts them, all at once likewise; those that run are left alone. */
  public void start(List<String> servers) {
    workers.start(servers);
  }
}
