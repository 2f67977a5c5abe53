package dev.upshift.lab;

import dev.upshift.topology.Topology;
import dev.upshift.topology.Topology.Side;

/** The lab's topology file: what an operator would write about this cluster. */
final class TopologyText {
  private TopologyText() {}

  static String of(LabPlan plan) {
    var folder = plan.folder();
    var head = head(plan) + servers(plan.addresses());
    boolean separate = plan.machines().areSeparate();
    var hosts = separate ? "/etc/hosts" : folder.hosts("{server}").toString();
    return head
        + (plan.poolers() ? poolers(folder) : hostsFiles(hosts))
        + (separate && !plan.applications() ? bareFleets() : fleets(plan))
        + limits()
        + probe(plan);
  }

  private static String hostsFiles(String path) {
    return """
    # The names that applications use, and where they lead now. Where they stand:
    names: {db1.internal: db1, db2.internal: db2, db3.internal: db3}
    traffic:
      - hosts-file: {path: "%s"}

    """
        .formatted(path);
  }

  private static String poolers(LabFolder folder) {
    return """
    # Applications reach the databases through poolers only. Every process of them; which of their
    # databases lead to the primary; which to standbys, and where each of those leads now.
    traffic:
      - pgbouncer:
          processes:
            - {host: pool1, config: "%s"}
            - {host: pool2, config: "%s"}
          read-write: [app]
          read-only: {app_ro: db2, app_ro2: db3}
          admin: pgbouncer # for their consoles; its password stands with the others

    """
        .formatted(LabPlan.POOLS.stream().map(folder::poolerConfig).toArray());
  }

  private static String fleets(LabPlan plan) {
    return """
    # The fleet that must keep serving. During the physical switch only its minimal part stays
    # behind the balancer, and reads go to 'park'.
    online:
      servers: [%1$s]
      minimal: [web1, api1]
      park: db2
      balancer: {haproxy: {socket: "%2$s", backends: [web, api], host: lb1}}

    # The fleet that may rest. 'status' exits with 0 where workers run and with 3 where they do
    # not. login1 sends the mails that people wait for: it stops last.
    offline:
      servers: [%3$s]
      stop: [sh, "%4$s", stop, "{server}"]
      start: [sh, "%4$s", start, "{server}"]
      status: [sh, "%4$s", status, "{server}"]
      last: [login1]

    """
        .formatted(
            String.join(", ", LabPlan.WEB) + ", " + String.join(", ", LabPlan.API),
            plan.balancerSocket(),
            String.join(", ", LabPlan.WORKERS) + ", " + LabPlan.LOGIN,
            plan.folder().script());
  }

  private static String bareFleets() {
    return """
    # The fleet that must keep serving. During the physical switch reads go to 'park'. Nothing runs
    # on these hosts but what is needed to lead them.
    online:
      servers: [%1$s]
      minimal: [web1, api1]
      park: db2

    # The fleet that may rest: a file stands for its workers. login1 stops last.
    offline:
      servers: [%2$s]
      stop: [rm, -f, %3$s]
      start: [touch, %3$s]
      status: [sh, -c, "test -e %3$s || exit 3"]
      last: [login1]

    """
        .formatted(
            String.join(", ", LabPlan.WEB) + ", " + String.join(", ", LabPlan.API),
            String.join(", ", LabPlan.WORKERS) + ", " + LabPlan.LOGIN,
            LabFolder.WORKERS_OF_A_HOST);
  }

  private static String limits() {
    return """
    # After the switch the old primary follows the new one, until 'upshift finish': a switch back
    # loses nothing. With 'none' it stays as it was at the switch.
    way-back: open

    # What you are willing to bear: how long writes may be held, and how far the candidate may
    # be behind when the switch begins.
    limits: {hold: {logical: 5s, physical: 10m}, lag: 16MB}

    """;
  }

  private static String probe(LabPlan plan) {
    var addresses = plan.addresses();
    var where =
        plan.poolers()
            ? """
              read: %s # through pool1
              write: %s # through pool2
              port: %d
              read-database: app_ro # what it asks a pooler for
              write-database: app
            """
                .formatted(addresses.pooler("pool1"), addresses.pooler("pool2"), addresses.port())
            : """
              read: db2.internal
              write: db1.internal
            """;
    return """
    # Reads and writes measured from outside, as web1 sees the databases.
    probe:
      user: upshift_probe
      database: podcasts
      rate: 20 # attempts a second, of each kind
      writes: true
      from: web1
    """
        + where;
  }

  private static String head(LabPlan plan) {
    var oldSide = plan.oldSide();
    var newSide = plan.newSide();
    return """
    # The topology of this lab, made by 'upshift lab up'. Everything here is real and may be thrown
    # away: 'upshift lab down' removes it all. Copy this file to describe a cluster of your own;
    # 'upshift schema' lists every key.
    cluster: podcasts
    %12$s
    state: .upshift # where runs are kept, beside this file

    # The running version and the one to upgrade to. {server} stands for a server's name.
    old:
      version: "%1$s"
      bin: "%2$s"
      data: "%3$s"%13$s
      port: %4$d
      sockets: "%5$s"
    new:
      version: "%6$s"
      bin: "%7$s"
      data: "%8$s"%14$s

    # The superuser that upshift works as; passwords stand in a file of mode 0600, in the form of
    # .pgpass, and nowhere else.
    admin: {user: %9$s, passfile: "%10$s", os-user: %11$s, database: postgres}

    """
        .formatted(
            oldSide.version(),
            oldSide.bin(),
            oldSide.data(),
            oldSide.port(),
            oldSide.sockets(),
            newSide.version(),
            newSide.bin(),
            newSide.data(),
            LabPlan.SUPERUSER,
            plan.folder().passfile(),
            plan.osUser(),
            access(plan),
            service(oldSide),
            service(newSide));
  }

  private static String service(Side side) {
    var config = "\n  config: \"" + side.config() + "\"\n  service: ";
    return switch (side.service()) {
      case Topology.Service.PgCtl() -> "";
      case Topology.Service.PgCtlCluster(String name) ->
          config + "{pg_ctlcluster: \"" + name + "\"}";
      case Topology.Service.Systemd(String unit) -> config + "{systemd: \"" + unit + "\"}";
    };
  }

  private static String access(LabPlan plan) {
    return plan.machines()
        .configuration()
        .map(file ->
            "access: ssh # each server is a host of its own\nssh: {config: \"" + file + "\"}")
        .orElse("access: local # every server is this machine");
  }

  private static String servers(Addresses addresses) {
    return """
    # What each server is now. The candidate is an extra one, with nothing on it yet: it is upgraded
    # and becomes the new primary.
    servers:
      - {name: db1, address: %s, role: primary}
      - {name: db2, address: %s, role: standby}
      - {name: db3, address: %s, role: standby}
      - {name: db4, address: %s, role: candidate}

    """
        .formatted(LabPlan.SERVERS.stream().map(addresses::database).toArray());
  }
}
