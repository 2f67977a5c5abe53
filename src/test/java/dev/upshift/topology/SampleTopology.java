package dev.upshift.topology;

/** A sound topology file with every key, to be spoiled in one place a test. */
final class SampleTopology {
  static final String TEXT =
      """
      cluster: podcasts
      access: local
      state: .upshift
      old: {version: "17", bin: /opt/pg/17/bin, data: "/srv/{server}/17/main", port: 5432, sockets: "/srv/{server}/run"}
      new: {version: "18", bin: /opt/pg/18/bin, data: "/srv/{server}/18/main"}
      admin: {user: postgres, passfile: /home/ops/.pgpass, os-user: postgres, database: postgres}
      servers:
        - {name: db1, address: 127.0.0.11, role: primary}
        - {name: db2, address: 127.0.0.12, role: standby}
        - {name: db3, address: 127.0.0.13, role: standby}
        - {name: db4, address: 127.0.0.14, role: candidate}
      names: {db1.internal: db1, db2.internal: db2, db3.internal: db3}
      traffic:
        - hosts-file: {path: "/srv/{server}/hosts"}
      online:
        servers: [web1, web2, web3, api1, api2]
        minimal: [web1, api1]
        park: db3
        balancer: {haproxy: {socket: /run/haproxy/admin.sock, backends: [web, api], host: lb1}}
      offline:
        servers: [work1, work2, login1]
        stop: [systemctl, stop, "worker@{server}"]
        start: [systemctl, start, "worker@{server}"]
        status: [systemctl, is-active, "worker@{server}"]
        last: [login1]
      limits: {hold: {logical: 500ms, physical: 2h}, lag: 20GB}
      probe: {user: upshift_probe, database: podcasts, rate: 50, writes: false, from: web1, read: db2.internal, write: db1.internal}
      """;

  /** The same with poolers instead of hosts files. */
  static final String POOLED =
      TEXT.replaceFirst("names: .*\n", "# no names\n")
          .replaceFirst(
              "  - hosts-file: .*\n",
              "  - pgbouncer: {processes: [{host: pool1, config: /etc/pool1.ini}, {host: pool2,"
                  + " config: /etc/pool2.ini}], read-write: [app, app.2], read-only: {app_ro: db2,"
                  + " app_ro2: db1}, admin: ops, session-pooling: consent}\n")
          .replaceFirst(
              "read: db2.internal, write: db1.internal",
              "read: pools.lan, write: \"::1\", port: 6432, read-database: app_ro, write-database:"
                  + " app");

  private SampleTopology() {}

  /** The sample with one place changed; the place must be there exactly once. */
  static String with(String old, String fresh) {
    return with(TEXT, old, fresh);
  }

  /** The sample with poolers, with one place changed. */
  static String pooled(String old, String fresh) {
    return with(POOLED, old, fresh);
  }

  private static String with(String text, String old, String fresh) {
    int at = text.indexOf(old);
    if (at < 0 || text.indexOf(old, at + 1) >= 0) {
      throw new IllegalArgumentException("stands not exactly once in the sample: " + old);
    }
    return text.replace(old, fresh);
  }

  /** The sample without the lines that begin so. */
  static String without(String... beginnings) {
    var result = new StringBuilder();
    boolean leaving = false;
    for (var line : TEXT.split("(?<=\n)")) {
      leaving =
          line.startsWith(" ")
              ? leaving
              : java.util.Arrays.stream(beginnings).anyMatch(line::startsWith);
      result.append(leaving ? "" : line);
    }
    return result.toString();
  }
}
