package dev.upshift.topology;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What must be true of the application servers, the traffic and the probe beyond their shape. A
 * rule is left out where a part it needs was complained about already.
 */
final class FleetRules {
  private final Node.Mapping root;
  private final Complaints complaints;

  FleetRules(Node.Mapping root, Complaints complaints) {
    this.root = root;
    this.complaints = complaints;
  }

  void check() {
    if (root.has("online")) {
      var online = root.mapping("online");
      checkDistinct(online, "online", "servers");
      checkDistinct(online, "online", "minimal");
      checkPart(online, "online", "minimal");
      if (root.has("servers") && online.has("park")) {
        checkPark(online.scalar("park"));
      }
    }
    if (root.has("offline")) {
      var offline = root.mapping("offline");
      checkDistinct(offline, "offline", "servers");
      checkDistinct(offline, "offline", "last");
      checkPart(offline, "offline", "last");
      checkCommands(offline, "offline", "offline servers", List.of("stop", "start", "status"));
    }
    if (root.has("agents")) {
      var agents = root.mapping("agents");
      checkDistinct(agents, "agents", "servers");
      checkCommands(agents, "agents", "servers with agents", List.of("pause", "resume", "status"));
      if (root.has("servers")) {
        checkDatabaseServers(agents.scalars("servers"));
      }
    }
    if (root.has("online", "offline") && root.has("traffic", "access")) {
      TrafficRules.layer(root, "hosts-file")
          .ifPresent(hostsFile -> checkHostsFile(hostsFile.scalar("path")));
    }
    if (root.has("probe")) {
      checkProbe(root.mapping("probe"));
    }
  }

  private void checkDistinct(Node.Mapping fleet, String path, String key) {
    var seen = new HashSet<String>();
    fleet.scalars(key).stream()
        .filter(server -> !seen.add(server.text()))
        .forEach(server ->
            complaints.add(
                server.place(),
                "'" + path + "." + key + "' names " + server.text() + " twice",
                "name each server once"));
  }

  private void checkPart(Node.Mapping fleet, String path, String key) {
    var servers = fleet.texts("servers");
    fleet.scalars(key).stream()
        .filter(server -> !servers.contains(server.text()))
        .forEach(server ->
            complaints.add(
                server.place(),
                "'%s.%s': %s is not one of %s.servers".formatted(path, key, server.text(), path),
                Nearest.hint(server.text(), path + ".servers are", servers)));
  }

  private void checkPark(Node.Scalar park) {
    var standbys =
        root.mappings("servers").stream()
            .filter(server -> server.text("role").equals("standby"))
            .map(server -> server.text("name"))
            .toList();
    // That there is no standby at all is a complaint of its own.
    if (!standbys.isEmpty() && !standbys.contains(park.text())) {
      complaints.add(
          park.place(),
          "'online.park': " + park.text() + " is not a standby",
          "reads are parked on a standby other than the candidate: "
              + String.join(" or ", standbys));
    }
  }

  private void checkCommands(Node.Mapping part, String path, String whose, List<String> keys) {
    if (part.texts("servers").isEmpty()) {
      return;
    }
    for (var key : keys) {
      if (part.sequence(key).items().isEmpty()) {
        complaints.add(
            part.sequence(key).place(),
            "'%s.%s' has no command, and there are %s".formatted(path, key, whose),
            "name the program and its arguments, like [systemctl, " + key + ", worker]");
      }
    }
  }

  private void checkDatabaseServers(List<Node.Scalar> servers) {
    var known = root.mappings("servers").stream().map(server -> server.text("name")).toList();
    servers.stream()
        .filter(server -> !known.contains(server.text()))
        .forEach(server ->
            complaints.add(
                server.place(),
                "'agents.servers': " + server.text() + " is not one of servers",
                Nearest.hint(server.text(), "the servers are", known)));
  }

  private void checkHostsFile(Node.Scalar path) {
    long servers =
        Stream.of("online", "offline")
            .flatMap(fleet -> root.mapping(fleet).texts("servers").stream())
            .distinct()
            .count();
    boolean local = root.text("access").equals("local");
    if (local && servers > 1 && !path.text().contains("{server}")) {
      complaints.add(
          path.place(),
          "the hosts file is the same one for all " + servers + " application servers",
          "put {server} into the path; it stands for the server's name");
    }
  }

  private void checkProbe(Node.Mapping probe) {
    if (root.has("online")) {
      var minimal = root.mapping("online").texts("minimal");
      var from = probe.scalar("from");
      if (!minimal.contains(from.text())) {
        complaints.add(
            from.place(),
            "'probe.from': " + from.text() + " is not one of online.minimal",
            Nearest.hint(from.text(), "online.minimal are", minimal));
      }
    }
    if (root.has("names", "servers")) {
      checkWrite(probe);
    }
    if (root.has("names") && TrafficRules.layer(root, "hosts-file").isPresent()) {
      Stream.of("read", "write").forEach(key -> checkName(probe.scalar(key), key));
    }
    TrafficRules.layer(root, "pgbouncer").ifPresent(poolers -> checkPools(probe, poolers));
  }

  /** Where only poolers lead, what does not go through one of them measures something else. */
  private void checkPools(Node.Mapping probe, Node.Mapping poolers) {
    var readWrite = poolers.texts("read-write");
    var readOnly =
        poolers.has("read-only")
            ? List.copyOf(poolers.mapping("read-only").entries().keySet())
            : List.<String>of();
    boolean poolersOnly = TrafficRules.layer(root, "hosts-file").isEmpty();
    var write = database(probe, "write-database");
    if (readOnly.contains(write.text()) && !readWrite.contains(write.text())) {
      complaints.add(
          write.place(),
          "'probe.write-database': " + write.text() + " is an entry of pgbouncer.read-only",
          Nearest.hint(write.text(), "pgbouncer.read-write has", readWrite));
    } else if (poolersOnly && !readWrite.contains(write.text())) {
      complaints.add(
          write.place(),
          "'probe.write-database': " + write.text() + " is no entry of pgbouncer.read-write",
          Nearest.hint(write.text(), "pgbouncer.read-write has", readWrite));
    }
    var read = database(probe, "read-database");
    var all = Stream.concat(readWrite.stream(), readOnly.stream()).toList();
    if (poolersOnly && !all.contains(read.text())) {
      complaints.add(
          read.place(),
          "'probe.read-database': " + read.text() + " is no entry of pgbouncer",
          Nearest.hint(read.text(), "its entries are", all));
    }
  }

  private static Node.Scalar database(Node.Mapping probe, String key) {
    return probe.scalar(probe.has(key) ? key : "database");
  }

  private void checkWrite(Node.Mapping probe) {
    var names = root.mapping("names");
    var name = probe.text("write");
    var writes = Boolean.parseBoolean(probe.text("writes").toLowerCase(Locale.ROOT));
    if (!writes || !names.has(name)) {
      return;
    }
    root.mappings("servers").stream()
        .filter(server -> server.text("name").equals(names.text(name)))
        .filter(server -> !server.text("role").equals("primary"))
        .forEach(server ->
            complaints.add(
                probe.scalar("write").place(),
                "'probe.write': "
                    + name
                    + " leads to "
                    + server.text("name")
                    + ", which is no primary",
                "name what leads to the primary, or set 'writes: false'"));
  }

  private void checkName(Node.Scalar name, String key) {
    var names = root.mapping("names").entries().keySet();
    boolean pooler =
        ServerRules.isLiteral(name.text()) && TrafficRules.layer(root, "pgbouncer").isPresent();
    if (!names.contains(name.text()) && !pooler) {
      complaints.add(
          name.place(),
          "'probe." + key + "': " + name.text() + " is not one of names",
          Nearest.hint(name.text(), "the names are", names));
    }
  }
}
