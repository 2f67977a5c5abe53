package dev.upshift.topology;

import dev.upshift.failure.InputError;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
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
        ssh(root.mapping("ssh")),
        side(old, old),
        side(root.mapping("new"), old),
        admin(root.mapping("admin")),
        root.mappings("servers").stream().map(TopologyBinder::server).toList(),
        candidateFrom(),
        root.has("names") ? texts(root.mapping("names")) : Map.of(),
        traffic(root.mappings("traffic")),
        online(root.mapping("online")),
        offline(root.mapping("offline")),
        agents(root.mapping("agents")),
        Topology.Ddl.valueOf(root.text("ddl").toUpperCase(Locale.ROOT)),
        root.text("jobs").equals("consent"),
        Topology.WayBack.valueOf(root.text("way-back").toUpperCase(Locale.ROOT)),
        limits(root.mapping("limits")),
        root.has("probe") ? Optional.of(probe(root.mapping("probe"))) : Optional.empty(),
        path(root.text("state")));
  }

  private Topology.CandidateFrom candidateFrom() {
    if (!root.has("candidate")) {
      return new Topology.CandidateFrom.Primary();
    }
    var candidate = root.mapping("candidate");
    return candidate.has("from")
        ? new Topology.CandidateFrom.Standby(candidate.text("from"))
        : new Topology.CandidateFrom.Backup(candidate.texts("restore"));
  }

  private Topology.Side side(Node.Mapping side, Node.Mapping old) {
    return new Topology.Side(
        PgVersion.parse(side.text("version")),
        path(side.text("bin")),
        side.text("data"),
        side.text(side.has("config") ? "config" : "data"),
        (side.has("port") ? side : old).whole("port"),
        (side.has("sockets") ? side : old).text("sockets"),
        side.has("service") ? service(side.mapping("service")) : new Topology.Service.PgCtl());
  }

  private static Topology.Service service(Node.Mapping service) {
    return service.has("systemd")
        ? new Topology.Service.Systemd(service.text("systemd"))
        : new Topology.Service.PgCtlCluster(service.text("pg_ctlcluster"));
  }

  private Topology.Admin admin(Node.Mapping admin) {
    return new Topology.Admin(
        admin.text("user"),
        path(admin.text("passfile")),
        admin.text("os-user"),
        admin.text("database"));
  }

  private Topology.Ssh ssh(Node.Mapping ssh) {
    return new Topology.Ssh(
        ssh.has("config") ? Optional.of(path(ssh.text("config"))) : Optional.empty(),
        ssh.has("user") ? Optional.of(ssh.text("user")) : Optional.empty());
  }

  private static Topology.Server server(Node.Mapping server) {
    return new Topology.Server(
        server.text("name"),
        server.text("address"),
        Topology.Role.valueOf(server.text("role").toUpperCase(Locale.ROOT).replace('-', '_')));
  }

  /** In the order of the file. */
  private static Map<String, String> texts(Node.Mapping mapping) {
    var map = new LinkedHashMap<String, String>();
    mapping.entries().keySet().forEach(key -> map.put(key, mapping.text(key)));
    return Collections.unmodifiableMap(map);
  }

  private Topology.Traffic traffic(List<Node.Mapping> layers) {
    return new Topology.Traffic(
        TrafficRules.layer(layers, "hosts-file")
            .map(hostsFile -> new Topology.HostsFiles(hostsFile.text("path"))),
        TrafficRules.layer(layers, "pgbouncer").map(this::pgBouncers),
        TrafficRules.layer(layers, "haproxy").map(this::proxy),
        TrafficRules.layer(layers, "hook").map(TopologyBinder::hook));
  }

  private Topology.Proxy proxy(Node.Mapping proxy) {
    return new Topology.Proxy(
        proxy.text("host"),
        path(proxy.text("socket")),
        proxy.has("config") ? Optional.of(path(proxy.text("config"))) : Optional.empty(),
        texts(proxy.mapping("servers")));
  }

  private static Topology.Hook hook(Node.Mapping hook) {
    return new Topology.Hook(
        hook.text("host"),
        hook.texts("command"),
        texts(hook.mapping("names")),
        Quantity.duration(hook.text("limit")));
  }

  private Topology.PgBouncers pgBouncers(Node.Mapping poolers) {
    return new Topology.PgBouncers(
        poolers.mappings("processes").stream()
            .map(process ->
                new Topology.PoolerProcess(process.text("host"), path(process.text("config"))))
            .toList(),
        poolers.texts("read-write"),
        poolers.has("read-only") ? texts(poolers.mapping("read-only")) : Map.of(),
        poolers.text("admin"),
        poolers.text("session-pooling").equals("consent"));
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

  private static Agents agents(Node.Mapping agents) {
    return new Agents(
        agents.texts("servers"),
        agents.texts("pause"),
        agents.texts("resume"),
        agents.texts("status"));
  }

  private static Topology.Limits limits(Node.Mapping limits) {
    var hold = limits.mapping("hold");
    return new Topology.Limits(
        Quantity.duration(hold.text("physical")),
        Quantity.duration(hold.text("logical")),
        Quantity.bytes(limits.text("lag")),
        Quantity.bytes(limits.text("retained-wal")));
  }

  private Topology.Probe probe(Node.Mapping probe) {
    var database = probe.text("database");
    return new Topology.Probe(
        probe.text("user"),
        database,
        probe.whole("rate"),
        Boolean.parseBoolean(probe.text("writes").toLowerCase(Locale.ROOT)),
        probe.text("from"),
        probe.text("read"),
        probe.text("write"),
        (probe.has("port") ? probe : root.mapping("old")).whole("port"),
        probe.has("read-database") ? probe.text("read-database") : database,
        probe.has("write-database") ? probe.text("write-database") : database);
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
