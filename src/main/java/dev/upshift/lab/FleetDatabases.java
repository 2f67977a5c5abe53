package dev.upshift.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How an application server finds the databases: by names in its hosts file; or at a pooler, whose
 * name stands there, by the entry it asks for.
 */
record FleetDatabases(LabPlan plan) {
  private static final Path HOSTS = Path.of("/etc/hosts");

  /**
   * Writes the hosts file of an application server; where it is a host of its own, the real one.
   */
  void write(String server) {
    var machines = plan.machines();
    machines
        .host(server)
        .replaceText(machines.areSeparate() ? HOSTS : plan.folder().hosts(server), hosts(server));
  }

  /** A hosts file as an operator would have it. */
  String hosts(String server) {
    return """
    127.0.0.1   localhost
    127.0.1.1   %1$s.internal %1$s

    %2$s%3$s
    # The following lines are desirable for IPv6 capable hosts
    ::1         ip6-localhost ip6-loopback
    ff02::1     ip6-allnodes
    """
        .formatted(
            server,
            plan.applications() ? balancer() : "",
            plan.poolers() ? poolers() : databases());
  }

  private String balancer() {
    return """
    # The load balancer.
    %s  lb1.internal lb1

    """
        .formatted(plan.addresses().site().getHostString());
  }

  private String databases() {
    return """
    # The podcasts cluster: db1 takes the writes.
    %s  db1.internal db1
    %s  db2.internal db2   # pages
    %s  db3.internal db3   # searches
    """
        .formatted(LabPlan.SERVERS.stream().limit(3).map(plan.addresses()::database).toArray());
  }

  private String poolers() {
    return """
    # The way to the podcasts cluster.
    %s  pool1.internal pool1
    %s  pool2.internal pool2
    """
        .formatted(LabPlan.POOLS.stream().map(plan.addresses()::pooler).toArray());
  }

  /** The arguments of a process that only writes. */
  List<String> writing(String server) {
    return plan.poolers()
        ? List.of("--database", LabPoolers.WRITE, "--write", pooler(server))
        : List.of("--database", OldCluster.DATABASE);
  }

  /** The arguments of a process of the online fleet. */
  List<String> both(String server) {
    var arguments = new ArrayList<>(writing(server));
    if (plan.poolers()) {
      arguments.addAll(
          List.of(
              "--read",
              pooler(server),
              "--read-database",
              "app_ro",
              "--search",
              pooler(server),
              "--search-database",
              "app_ro2"));
    }
    return arguments;
  }

  /** Every other server of a kind goes to the second one. */
  private static String pooler(String server) {
    boolean odd = (server.charAt(server.length() - 1) - '0') % 2 == 1;
    return (odd && !server.equals(LabPlan.LOGIN) ? "pool1" : "pool2") + ".internal";
  }
}
