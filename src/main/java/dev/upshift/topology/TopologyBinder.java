package dev.upshift.topology;

import dev.upshift.failure.InputError;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Turns a checked tree into records; nothing can be wrong with it any more. */
final class TopologyBinder {
  private final Path file;
  private final Path folder;
  private final Node.Mapping root;

  TopologyBinder(Path file, Node.Mapping root) {
    this.file = file.toAbsolutePath();
    this.folder = Optional.ofNullable(this.file.getParent()).orElse(this.file);
    this.root = root;
  }

  Topology bind() {
    var old = root.mapping("old");
    return new Topology(
        file,
        root.text("cluster"),
        Topology.Access.valueOf(root.text("access").toUpperCase(Locale.ROOT)),
        side(old, old),
        side(root.mapping("new"), old),
        admin(root.mapping("admin")),
        root.mappings("servers").stream().map(TopologyBinder::server).toList(),
        names(root.mapping("names")),
        traffic(root.mappings("traffic").getFirst()),
        online(root.mapping("online")),
        offline(root.mapping("offline")),
        limits(root.mapping("limits")),
        root.has("probe") ? Optional.of(probe(root.mapping("probe"))) : Optional.empty(),
        path(root.text("state")));
  }

  private Topology.Side side(Node.Mapping side, Node.Mapping old) {
    return new Topology.Side(
        PgVersion.parse(side.text("version")),
        path(side.text("bin")),
        side.text("data"),
        (side.has("port") ? side : old).whole("port"),
        (side.has("sockets") ? side : old).text("sockets"));
  }

  private Topology.Admin admin(Node.Mapping admin) {
    return new Topology.Admin(
        admin.text("user"),
        path(admin.text("passfile")),
        admin.text("os-user"),
        admin.text("database"));
  }

  private static Topology.Server server(Node.Mapping server) {
    return new Topology.Server(
        server.text("name"),
        server.text("address"),
        Topology.Role.valueOf(server.text("role").toUpperCase(Locale.ROOT)));
  }

  /** In the order of the file. */
  private static Map<String, String> names(Node.Mapping names) {
    var map = new LinkedHashMap<String, String>();
    names.entries().keySet().forEach(name -> map.put(name, names.text(name)));
    return Collections.unmodifiableMap(map);
  }

  private static Topology.Traffic traffic(Node.Mapping traffic) {
    return new Topology.Traffic(
        new Topology.HostsFiles(traffic.mapping("hosts-file").text("path")));
  }

  private Topology.Online online(Node.Mapping online) {
    return new Topology.Online(
        online.texts("servers"),
        online.texts("minimal"),
        online.has("park") ? online.text("park") : firstStandby(),
        online.has("balancer")
            ? Optional.of(haProxy(online.mapping("balancer").mapping("haproxy")))
            : Optional.empty());
  }

  private String firstStandby() {
    return root.mappings("servers").stream()
        .filter(server -> server.text("role").equals("standby"))
        .findFirst()
        .orElseThrow()
        .text("name");
  }

  private Topology.HaProxy haProxy(Node.Mapping haProxy) {
    return new Topology.HaProxy(
        path(haProxy.text("socket")), haProxy.texts("backends"), haProxy.text("host"));
  }

  private static Topology.Offline offline(Node.Mapping offline) {
    return new Topology.Offline(
        offline.texts("servers"),
        offline.texts("stop"),
        offline.texts("start"),
        offline.texts("status"),
        offline.texts("last"));
  }

  private static Topology.Limits limits(Node.Mapping limits) {
    var hold = limits.mapping("hold");
    return new Topology.Limits(
        Quantity.duration(hold.text("physical")),
        Quantity.duration(hold.text("logical")),
        Quantity.bytes(limits.text("lag")));
  }

  private static Topology.Probe probe(Node.Mapping probe) {
    return new Topology.Probe(
        probe.text("user"),
        probe.text("database"),
        probe.whole("rate"),
        Boolean.parseBoolean(probe.text("writes").toLowerCase(Locale.ROOT)),
        probe.text("from"),
        probe.text("read"),
        probe.text("write"));
  }

  /** A relative path is relative to the file. */
  private Path path(String text) {
    try {
      return folder.resolve(text);
    } catch (InvalidPathException e) {
      throw new InputError(
          file + ": the path '" + text + "' cannot be written in this locale's character set",
          "set LC_ALL=C.UTF-8, or choose a path in ASCII");
    }
  }
}
