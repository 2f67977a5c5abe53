package dev.upshift.topology;

import static dev.upshift.topology.SampleTopology.with;

import dev.upshift.topology.TopologyComplaintsTest.Case;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of complaints about files of the right shape that cannot be true. */
class TopologyRulesTest {
  @ParameterizedTest
  @MethodSource({"servers", "layers", "configurations", "sides", "fleets", "probe"})
  void shouldComplainOnceAndWithAHint(Case sample) {
    TopologyComplaintsTest.check(sample);
  }

  static List<Case> servers() {
    return List.of(
        TopologyComplaintsTest.of(
            with("role: primary", "role: standby"), "7:1: no server is the primary", "exactly one"),
        TopologyComplaintsTest.of(
            with(
                "db2, address: 127.0.0.12, role: standby",
                "db2, address: 127.0.0.12, role: primary"),
            "9:44: a second primary: db2",
            "db1 is the primary"),
        TopologyComplaintsTest.of(
            with(
                    "db2, address: 127.0.0.12, role: standby",
                    "db2, address: 127.0.0.12, role: candidate")
                .replace("db2.internal: db2, ", "")
                .replace("read: db2.", "read: db3."),
            "11:44: a second candidate: db4",
            "db2 is the candidate"),
        TopologyComplaintsTest.of(
            with("name: db3", "name: db2")
                .replace("db3.internal: db3", "x: db1")
                .replace("park: db3", "park: db2"),
            "10:12: a second server with the name db2",
            "db2 has it already"),
        TopologyComplaintsTest.of(
            with("127.0.0.13", "127.0.0.12"),
            "10:26: a second server with the address 127.0.0.12",
            "db2 has it already"),
        TopologyComplaintsTest.of(
            with("127.0.0.13", "\"0:0::5\"").replace("127.0.0.12", "\"::5\""),
            "10:26: a second server with the address 0:0::5",
            "db2 has it already"),
        TopologyComplaintsTest.of(
            with("127.0.0.13", "127.0.0.256"),
            "10:26: '127.0.0.256' is neither an IP address nor a host name",
            "10.0.0.11"),
        TopologyComplaintsTest.of(
            with("127.0.0.13", "\"fe80::12345\""),
            "10:26: 'fe80::12345' is neither an IP address nor a host name",
            "10.0.0.11"),
        TopologyComplaintsTest.of(
            with("127.0.0.13", "db3.lan"),
            "10:26: the address 'db3.lan' is a name, and clients are led to IP addresses",
            "IP address"),
        TopologyComplaintsTest.of(
            with("db3.internal: db3", "db3.internal: db33"),
            "12:61: 'names.db3.internal': there is no server 'db33'",
            "did you mean 'db3'?"),
        TopologyComplaintsTest.of(
            with("db3.internal: db3", "db3.internal: db4"),
            "12:61: 'names.db3.internal' leads to the candidate db4",
            "another server"),
        TopologyComplaintsTest.of(
            with("db3.internal: db3", "DB2.internal: db3"),
            "12:47: the name 'DB2.internal' stands here a second time",
            "'db2.internal'"),
        TopologyComplaintsTest.of(
            with("db1.internal: db1", "db1.internal: db2"),
            "12:1: no name leads to the primary db1",
            "db.internal: db1"),
        TopologyComplaintsTest.of(
            SampleTopology.TEXT + "candidate: {from: db1}\n",
            "28:19: 'db1' is no standby",
            "role: standby"),
        TopologyComplaintsTest.of(
            SampleTopology.TEXT + "candidate: {from: db2, restore: [fetch]}\n",
            "28:1: 'candidate' says how the candidate is made in one way: from, or restore",
            "one of them"));
  }

  static List<Case> layers() {
    var proxy = "  - haproxy: {host: lb1, socket: /s, servers: {%s}}\n";
    var hook = "  - hook: {host: ops1, command: [lead], names: {%s}}\n";
    var file = "  - hosts-file: {path: \"/srv/{server}/hosts\"}\n";
    return List.of(
        TopologyComplaintsTest.of(
            with(file, proxy.formatted("write/pg: db9")),
            "14:58: 'haproxy.servers.write/pg': there is no server 'db9'",
            "db1"),
        TopologyComplaintsTest.of(
            with(file, proxy.formatted("write/pg: db4")),
            "14:58: 'haproxy.servers.write/pg' leads to the candidate db4",
            "another"),
        TopologyComplaintsTest.of(
            with(file, file + hook.formatted("DB1.internal: db1")),
            "15:49: 'DB1.internal' of hook.names is led by another layer of 'traffic', too",
            "rename"),
        TopologyComplaintsTest.of(
            with(file, file + proxy.formatted("a/b: db1") + hook.formatted("a/b: db1")),
            "16:49: 'a/b' of hook.names is led by another layer of 'traffic', too",
            "rename"));
  }

  static List<Case> configurations() {
    return List.of(
        TopologyComplaintsTest.of(
            with("17/main\", port", "17/main\", config: /etc/pg, port"),
            "4:82: 'old.config' is the same folder for every server of this machine",
            "{server}"),
        TopologyComplaintsTest.of(
            with("17/main\", port", "17/main\", config: \"/srv/{server}/17\", port"),
            "4:82: 'old.config' and a data directory lie one inside the other on db4",
            "alone"),
        TopologyComplaintsTest.of(
            with("17/main\", port", "17/main\", config: \"/srv/{server}/etc\", port")
                .replace("18/main\"}", "18/main\", config: \"/srv/{server}/./etc\"}"),
            "5:82: 'new.config' is the same folder as 'old.config' on db4",
            "its own"),
        TopologyComplaintsTest.of(
            with("18/main\"}", "18/main\", service: {pg_ctlcluster: main}}"),
            "5:99: 'new.service': pg_ctlcluster has its configurations in /etc/postgresql",
            "/etc/postgresql/18/main"),
        TopologyComplaintsTest.of(
            with("18/main\"}", "18/main\", service: {systemd: \"a b\"}}"),
            "5:93: 'new.service.systemd': 'a b' is not a unit of systemd",
            "postgresql@17-main"));
  }

  static List<Case> sides() {
    return List.of(
        TopologyComplaintsTest.of(
            with("\"18\"", "\"17\""), "5:16: 'new.version': 17 is not newer than 17", "minor"),
        TopologyComplaintsTest.of(
            with("\"18\"", "\"17.9\""), "5:16: 'new.version': 17 is not newer than 17", "minor"),
        TopologyComplaintsTest.of(
            with("\"18\"", "\"16\""), "5:16: 'new.version': 16 is not newer than 17", "newer"),
        TopologyComplaintsTest.of(
            with("\"17\"", "\"9.5\""), "4:16: 'old.version': 9.5 is too old", "9.6"),
        TopologyComplaintsTest.of(
            with("/opt/pg/18/bin", "/opt/pg/./17/bin"),
            "5:27: 'new.bin' is the same folder as 'old.bin'",
            "new version's"),
        TopologyComplaintsTest.of(
            with("/srv/{server}/18/main", "/srv/{server}/18/../17/main"),
            "5:49: 'new.data' is the same folder as 'old.data' on db4: /srv/db4/17/main",
            "own"),
        TopologyComplaintsTest.of(
            with("/srv/{server}/18/main", "/srv/{server}/17/main/18"),
            "5:49: one of 'old.data' and 'new.data' lies inside the other on db4",
            "side by side"),
        TopologyComplaintsTest.of(
            with("/srv/{server}/17/main", "/srv/17/main"),
            "4:49: 'old.data' is the same folder for every server of this machine",
            "{server}"),
        TopologyComplaintsTest.of(
            with("/srv/{server}/18/main", "/srv/18/main"),
            "5:49: 'new.data' is the same folder for every server of this machine",
            "{server}"),
        TopologyComplaintsTest.of(
            with("/srv/{server}/run", "/srv/run"),
            "4:95: 'old.sockets' is the same folder for every server of this machine",
            "{server}"),
        TopologyComplaintsTest.of(
            with("/srv/{server}/run", "/srv/{server}/" + "r".repeat(86)),
            "4:95: the socket /srv/db1/"
                + "r".repeat(86)
                + "/.s.PGSQL.5432 is longer than 107 bytes",
            "shorter"));
  }

  static List<Case> fleets() {
    return List.of(
        TopologyComplaintsTest.of(
            with("[web1, api1]", "[web1, db1]"),
            "17:19: 'online.minimal': db1 is not one of online.servers",
            "online.servers are"),
        TopologyComplaintsTest.of(
            with("[web1, api1]", "[web1, web1]"),
            "17:19: 'online.minimal' names web1 twice",
            "once"),
        TopologyComplaintsTest.of(
            with("[web1, web2,", "[web1, web1, web2,"),
            "16:19: 'online.servers' names web1 twice",
            "once"),
        TopologyComplaintsTest.of(
            with("last: [login1]", "last: [login2]"),
            "25:10: 'offline.last': login2 is not one of offline.servers",
            "did you mean 'login1'?"),
        TopologyComplaintsTest.of(
            with("park: db3", "park: db4"),
            "18:9: 'online.park': db4 is not a standby",
            "db2 or db3"),
        TopologyComplaintsTest.of(
            with("park: db3", "park: db1"),
            "18:9: 'online.park': db1 is not a standby",
            "db2 or db3"),
        TopologyComplaintsTest.of(
            with("  - {name: db2, address: 127.0.0.12, role: standby}\n", "")
                .replace("  - {name: db3, address: 127.0.0.13, role: standby}\n", "")
                .replace(", db2.internal: db2, db3.internal: db3", "")
                .replace("read: db2.", "read: db1."),
            "7:1: no server is a standby: reads need one besides the candidate to be parked on",
            "role: standby"),
        TopologyComplaintsTest.of(
            with("  stop: [systemctl, stop, \"worker@{server}\"]\n", ""),
            "21:3: 'offline.stop' has no command, and there are offline servers",
            "systemctl"),
        TopologyComplaintsTest.of(
            with("[systemctl, start, \"worker@{server}\"]", "[]"),
            "23:10: 'offline.start' has no command, and there are offline servers",
            "systemctl"),
        TopologyComplaintsTest.of(
            agents("[db1, db9], pause: [p], resume: [r], status: [s]"),
            "26:25: 'agents.servers': db9 is not one of servers",
            "db"),
        TopologyComplaintsTest.of(
            agents("[db1, db1], pause: [p], resume: [r], status: [s]"),
            "26:25: 'agents.servers' names db1 twice",
            "once"),
        TopologyComplaintsTest.of(
            agents("[db1], pause: [p], status: [s]"),
            "26:9: 'agents.resume' has no command, and there are servers with agents",
            "systemctl"),
        TopologyComplaintsTest.of(
            with("/srv/{server}/hosts", "/etc/hosts"),
            "14:24: the hosts file is the same one for all 8 application servers",
            "{server}"));
  }

  static List<Case> probe() {
    return List.of(
        TopologyComplaintsTest.of(
            with("from: web1", "from: web2"),
            "27:81: 'probe.from': web2 is not one of online.minimal",
            "did you mean 'web1'?"),
        TopologyComplaintsTest.of(
            with("read: db2.internal", "read: db9.internal"),
            "27:93: 'probe.read': db9.internal is not one of names",
            "did you mean 'db1.internal'?"),
        TopologyComplaintsTest.of(
            with("write: db1.internal", "write: primary"),
            "27:114: 'probe.write': primary is not one of names",
            "the names are: db1.internal"),
        TopologyComplaintsTest.of(
            with("write: db1.internal", "write: db2.internal")
                .replace("writes: false", "writes: true"),
            "27:113: 'probe.write': db2.internal leads to db2, which is no primary",
            "writes: false"));
  }

  private static String agents(String said) {
    return with("limits: {hold", "agents: {servers: " + said + "}\nlimits: {hold");
  }
}
