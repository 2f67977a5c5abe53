package dev.upshift.run;

import dev.upshift.failure.InputError;
import dev.upshift.host.SshReach;
import dev.upshift.topology.Topology;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What sudo has to allow the account that ssh logs in to, where that is not root: a shell of the
 * databases' owner on their hosts, and one of root where a hosts file or a pooler's configuration
 * is changed, workers are stopped and systemd is told to start and stop servers. Shells, because
 * one is kept open and told what to do: nothing is started while clients wait.
 */
public final class Sudoers {
  private Sudoers() {}

  /**
   * A file for each machine, by its name.
   *
   * @throws InputError where the topology names no account to log in to, or root
   */
  public static Map<String, String> of(Topology topology) {
    var user = topology.ssh().user().filter(name -> !name.equals("root"));
    if (topology.access() != Topology.Access.SSH || user.isEmpty()) {
      throw new InputError(
          "no sudo is needed: machines are not reached by ssh as another user than root",
          "for that, say access: ssh and ssh: {user: NAME} in the topology");
    }
    var files = new LinkedHashMap<String, String>();
    topology
        .servers()
        .forEach(server -> files.put(server.name(), line(user.get(), topology.admin().osUser())));
    var root = new TreeSet<String>();
    if (Stream.of(topology.oldCluster(), topology.newCluster())
        .anyMatch(side -> side.service() instanceof Topology.Service.Systemd)) {
      topology.servers().forEach(server -> root.add(server.name()));
    }
    root.addAll(topology.online().servers());
    root.addAll(topology.offline().servers());
    root.addAll(topology.agents().servers());
    topology
        .traffic()
        .pgbouncer()
        .ifPresent(poolers -> poolers.processes().forEach(process -> root.add(process.host())));
    topology.online().balancer().ifPresent(balancer -> root.add(balancer.host()));
    topology.traffic().haproxy().ifPresent(proxy -> root.add(proxy.host()));
    topology.traffic().hook().ifPresent(hook -> root.add(hook.host()));
    root.forEach(server -> files.merge(server, line(user.get(), "root"), String::concat));
    return files;
  }

  private static String line(String user, String as) {
    return user + " ALL=(" + as + ") NOPASSWD: " + SshReach.SUDO_ALLOWS + "\n";
  }
}
