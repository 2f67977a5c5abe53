package dev.upshift.topology;

import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What must be true of the database servers, their names and the two clusters beyond their shape. A
 * rule is left out where a part it needs was complained about already.
 */
final class ServerRules {
  private static final PgVersion OLDEST = PgVersion.parse("9.6");

  /** The server refuses longer ones: sun_path on Linux has 108 bytes, with the closing zero. */
  private static final int LONGEST_SOCKET_BYTES = 107;

  private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");
  private static final Pattern HOST =
      Pattern.compile("(?=.*[A-Za-z])[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?");

  private final Node.Mapping root;
  private final Complaints complaints;

  ServerRules(Node.Mapping root, Complaints complaints) {
    this.root = root;
    this.complaints = complaints;
  }

  void check() {
    if (root.has("servers")) {
      var servers = root.mappings("servers");
      checkExactlyOne(servers, "primary");
      checkExactlyOne(servers, "candidate");
      checkStandby(servers);
      checkUnique(servers, "name", Function.identity());
      checkUnique(servers, "address", ServerRules::canonical);
      servers.forEach(server -> checkAddress(server.scalar("address")));
    }
    if (root.has("servers", "candidate")) {
      checkCandidate(root.mappings("servers"));
    }
    if (root.has("servers", "names")) {
      checkNames(root.mapping("names"));
      checkWayToPrimary(root.mapping("names"));
    }
    if (root.has("old", "new")) {
      checkVersions(root.mapping("old").scalar("version"), root.mapping("new").scalar("version"));
      checkPrograms(root.mapping("old").scalar("bin"), root.mapping("new").scalar("bin"));
    }
    if (root.has("old", "new") && root.has("servers")) {
      checkFolders(root.mapping("old"), root.mapping("new"));
    }
    if (root.has("servers", "access")) {
      Stream.of("old", "new").filter(root::has).forEach(this::checkPlaceholders);
    }
    Stream.of("old", "new").filter(root::has).forEach(this::checkPgCtlCluster);
  }

  private void checkExactlyOne(List<Node.Mapping> servers, String role) {
    var those = withRole(servers, role).toList();
    if (those.isEmpty()) {
      complaints.add(
          root.entry("servers").keyPlace(),
          "no server is the " + role,
          "give exactly one server 'role: " + role + "'");
    }
    those.stream()
        .skip(1)
        .forEach(server ->
            complaints.add(
                server.scalar("role").place(),
                "a second " + role + ": " + server.text("name"),
                those.getFirst().text("name") + " is the " + role + "; there is one only"));
  }

  private void checkCandidate(List<Node.Mapping> servers) {
    var candidate = root.mapping("candidate");
    if (candidate.has("from") == candidate.has("restore")) {
      complaints.add(
          root.entry("candidate").keyPlace(),
          "'candidate' says how the candidate is made in one way: from, or restore",
          "write one of them; without 'candidate' it is a base backup of the primary");
    } else if (candidate.has("from")) {
      var from = candidate.scalar("from");
      if (withRole(servers, "standby").noneMatch(one -> one.text("name").equals(from.text()))) {
        complaints.add(
            from.place(),
            "'" + from.text() + "' is no standby",
            "name a server with 'role: standby'");
      }
    }
  }

  private void checkStandby(List<Node.Mapping> servers) {
    if (withRole(servers, "standby").findAny().isEmpty()) {
      complaints.add(
          root.entry("servers").keyPlace(),
          "no server is a standby: reads need one besides the candidate to be parked on",
          "add a standby, and give it 'role: standby'");
    }
  }

  private static Stream<Node.Mapping> withRole(List<Node.Mapping> servers, String role) {
    return servers.stream().filter(server -> server.text("role").equals(role));
  }

  private void checkUnique(
      List<Node.Mapping> servers, String key, Function<String, String> canonical) {
    var seen = new HashMap<String, String>();
    for (var server : servers) {
      var earlier = seen.putIfAbsent(canonical.apply(server.text(key)), server.text("name"));
      if (earlier != null) {
        complaints.add(
            server.scalar(key).place(),
            "a second server with the " + key + " " + server.text(key),
            earlier + " has it already: give each its own");
      }
    }
  }

  private void checkAddress(Node.Scalar address) {
    if (isLiteral(address.text())) {
      return;
    }
    if (!HOST.matcher(address.text()).matches()) {
      complaints.add(
          address.place(),
          "'" + address.text() + "' is neither an IP address nor a host name",
          "an IP address such as 10.0.0.11");
    } else if (root.has("traffic")) {
      complaints.add(
          address.place(),
          "the address '" + address.text() + "' is a name, and clients are led to IP addresses",
          "write the server's IP address");
    }
  }

  static boolean isLiteral(String text) {
    return IPV4.matcher(text).matches() || ipv6(text).isPresent();
  }

  /** Two ways to write one address are one address. */
  private static String canonical(String address) {
    return ipv6(address).orElse(address.toLowerCase(Locale.ROOT));
  }

  private static Optional<String> ipv6(String text) {
    if (!text.contains(":")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Inet6Address.ofLiteral(text).getHostAddress());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private void checkNames(Node.Mapping names) {
    var servers = root.mappings("servers").stream().map(server -> server.text("name")).toList();
    var empty =
        root.mappings("servers").stream()
            .filter(ServerRules::isEmpty)
            .map(server -> server.text("name"))
            .toList();
    Map<String, String> seen = new HashMap<>();
    names
        .entries()
        .forEach((name, entry) -> {
          var target = names.scalar(name);
          var earlier = seen.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
          if (earlier != null) {
            complaints.add(
                entry.keyPlace(),
                "the name '" + name + "' stands here a second time",
                "host names compare without case, it is the same as '" + earlier + "'");
          }
          if (!servers.contains(target.text())) {
            complaints.add(
                target.place(),
                "'names." + name + "': there is no server '" + target.text() + "'",
                Nearest.hint(target.text(), "the servers are", servers));
          } else if (empty.contains(target.text())) {
            complaints.add(
                target.place(),
                "'names." + name + "' leads to " + called(root.mappings("servers"), target),
                "it serves nobody before the switch: name another server");
          }
        });
  }

  /** Whether nothing is on a server yet. */
  static boolean isEmpty(Node.Mapping server) {
    return List.of("candidate", "new-standby").contains(server.text("role"));
  }

  /** A server with its role. */
  static String called(List<Node.Mapping> servers, Node.Scalar name) {
    return servers.stream()
        .filter(server -> server.text("name").equals(name.text()))
        .map(server -> "the " + server.text("role") + " " + name.text())
        .findFirst()
        .orElse(name.text());
  }

  private void checkWayToPrimary(Node.Mapping names) {
    withRole(root.mappings("servers"), "primary")
        .map(server -> server.text("name"))
        .filter(primary ->
            names.entries().keySet().stream().map(names::text).noneMatch(primary::equals))
        .findFirst()
        .ifPresent(primary ->
            complaints.add(
                root.entry("names").keyPlace(),
                "no name leads to the primary " + primary,
                "add the name that applications write to, like db.internal: " + primary));
  }

  private void checkVersions(Node.Scalar oldVersion, Node.Scalar newVersion) {
    var from = PgVersion.parse(oldVersion.text());
    var to = PgVersion.parse(newVersion.text());
    if (from.compareTo(OLDEST) < 0) {
      complaints.add(
          oldVersion.place(),
          "'old.version': " + from + " is too old",
          "upshift upgrades from " + OLDEST + " on");
    }
    if (to.compareTo(from) <= 0) {
      complaints.add(
          newVersion.place(),
          "'new.version': " + to + " is not newer than " + from,
          "name a newer major version; minor versions need no upgrade");
    }
  }

  private void checkPrograms(Node.Scalar oldBin, Node.Scalar newBin) {
    if (normal(oldBin.text()).equals(normal(newBin.text()))) {
      complaints.add(
          newBin.place(),
          "'new.bin' is the same folder as 'old.bin'",
          "name the folder of the new version's programs");
    }
  }

  private void checkFolders(Node.Mapping old, Node.Mapping fresh) {
    for (var server : root.mappings("servers")) {
      if (!server.text("role").equals("candidate")) {
        continue;
      }
      var name = server.text("name");
      var from = normal(Topology.expand(old.text("data"), name));
      var to = normal(Topology.expand(fresh.text("data"), name));
      if (from.equals(to)) {
        complaints.add(
            fresh.scalar("data").place(),
            "'new.data' is the same folder as 'old.data' on " + name + ": " + to,
            "name a folder of its own for each version");
      } else if (from.startsWith(to) || to.startsWith(from)) {
        complaints.add(
            fresh.scalar("data").place(),
            "one of 'old.data' and 'new.data' lies inside the other on " + name,
            "name two folders side by side, so that one can be removed without the other");
      }
      checkConfig(old, "old", List.of(from, to), name);
      checkConfig(fresh, "new", List.of(from, to), name);
      if (old.has("config")
          && fresh.has("config")
          && config(old, name).equals(config(fresh, name))) {
        complaints.add(
            fresh.scalar("config").place(),
            "'new.config' is the same folder as 'old.config' on " + name,
            "name a folder of its own for each version");
      }
    }
  }

  private static Path config(Node.Mapping side, String server) {
    return normal(Topology.expand(side.text("config"), server));
  }

  /** What upshift makes it may remove, and nothing else may go with it. */
  private void checkConfig(Node.Mapping side, String key, List<Path> data, String server) {
    if (side.has("config")
        && data.stream()
            .anyMatch(folder ->
                folder.startsWith(config(side, server))
                    || config(side, server).startsWith(folder))) {
      complaints.add(
          side.scalar("config").place(),
          "'" + key + ".config' and a data directory lie one inside the other on " + server,
          "leave it out where the configuration lies in the data directory; otherwise name the"
              + " folder of this cluster's configuration alone");
    }
  }

  private void checkPlaceholders(String side) {
    var mapping = root.mapping(side);
    boolean collide = root.text("access").equals("local") && root.mappings("servers").size() > 1;
    for (var key : List.of("data", "config", "sockets")) {
      if (collide && mapping.has(key) && !mapping.text(key).contains("{server}")) {
        complaints.add(
            mapping.scalar(key).place(),
            "'" + side + "." + key + "' is the same folder for every server of this machine",
            "put {server} into the path; it stands for the server's name");
      }
    }
    if (mapping.has("sockets")) {
      checkSocketLength(mapping);
    }
  }

  /** It finds a cluster by its version and name, and looks for it in one place only. */
  private void checkPgCtlCluster(String key) {
    var side = root.mapping(key);
    if (!side.has("service") || !side.mapping("service").has("pg_ctlcluster")) {
      return;
    }
    var name = side.mapping("service").scalar("pg_ctlcluster");
    var usual = "/etc/postgresql/" + PgVersion.parse(side.text("version")) + "/" + name.text();
    if (!side.has("config") || !normal(side.text("config")).equals(Path.of(usual))) {
      complaints.add(
          name.place(),
          "'" + key + ".service': pg_ctlcluster has its configurations in /etc/postgresql",
          "say '" + key + ".config: " + usual + "'");
    }
  }

  private void checkSocketLength(Node.Mapping side) {
    var port = (side.has("port") ? side : root.has("old") ? root.mapping("old") : side);
    var file = "/.s.PGSQL." + (port.has("port") ? port.text("port") : "5432");
    root.mappings("servers").stream()
        .map(server -> Topology.expand(side.text("sockets"), server.text("name")) + file)
        .filter(path -> path.getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET_BYTES)
        .findFirst()
        .ifPresent(path ->
            complaints.add(
                side.scalar("sockets").place(),
                "the socket " + path + " is longer than " + LONGEST_SOCKET_BYTES + " bytes",
                "name a shorter folder: the operating system knows no longer ones"));
  }

  private static Path normal(String path) {
    return Path.of(path).normalize();
  }
}
