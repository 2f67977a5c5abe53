package dev.upshift.lab;

/** The lab's topology file: what an operator would write about this cluster. */
final class TopologyText {
  private TopologyText() {}

  static String of(LabPlan plan) {
    var folder = plan.folder();
    var addresses = plan.addresses();
    return head(plan)
        + servers(addresses)
        + """
        # The names that applications use, and where they lead now. Where they stand:
        names: {db1.internal: db1, db2.internal: db2, db3.internal: db3}
        traffic:
          - hosts-file: {path: "%1$s"}

        # The fleet that must keep serving. During the physical switch only its minimal part stays
        # behind the balancer, and reads go to 'park'.
        online:
          servers: [%2$s]
          minimal: [web1, api1]
          park: db2
          balancer: {haproxy: {socket: "%3$s", backends: [web, api], host: lb1}}

        # The fleet that may rest. 'status' exits with 0 where workers run and with 3 where they do
        # not. login1 sends the mails that people wait for: it stops last.
        offline:
          servers: [%4$s]
          stop: [sh, "%5$s", stop, "{server}"]
          start: [sh, "%5$s", start, "{server}"]
          status: [sh, "%5$s", status, "{server}"]
          last: [login1]

        # What you are willing to bear: how long writes may be held, and how far the candidate may
        # be behind when the switch begins.
        limits: {hold: {logical: 5s, physical: 10m}, lag: 16MB}

        # Reads and writes measured from outside, as web1 sees the databases.
        probe:
          user: upshift_probe
          database: podcasts
          rate: 20 # attempts a second, of each kind
          writes: true
          from: web1
          read: db2.internal
          write: db1.internal
        """
            .formatted(
                folder.hosts("{server}"),
                String.join(", ", LabPlan.WEB) + ", " + String.join(", ", LabPlan.API),
                folder.balancerSocket(),
                String.join(", ", LabPlan.WORKERS) + ", " + LabPlan.LOGIN,
                folder.script());
  }

  private static String head(LabPlan plan) {
    var oldSide = plan.oldSide();
    var newSide = plan.newSide();
    return """
    # The topology of this lab, made by 'upshift lab up'. Everything here is real and may be thrown
    # away: 'upshift lab down' removes it all. Copy this file to describe a cluster of your own;
    # 'upshift schema' lists every key.
    cluster: podcasts
    access: local # every server is this machine
    state: .upshift # where runs are kept, beside this file

    # The running version and the one to upgrade to. {server} stands for a server's name.
    old:
      version: "%1$s"
      bin: "%2$s"
      data: "%3$s"
      port: %4$d
      sockets: "%5$s"
    new:
      version: "%6$s"
      bin: "%7$s"
      data: "%8$s"

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
            plan.osUser());
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
