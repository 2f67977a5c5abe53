package dev.upshift.topology;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What must be true of what leads clients, beyond its shape. A rule is left out where a part it
 * needs was complained about already.
 */
final class TrafficRules {
  private static final String POOLERS = "the poolers";

  private final Node.Mapping root;
  private final Complaints complaints;

  TrafficRules(Node.Mapping root, Complaints complaints) {
    this.root = root;
    this.complaints = complaints;
  }

  /** The layer of that kind, if there is one. */
  static Optional<Node.Mapping> layer(List<Node.Mapping> layers, String kind) {
    return layers.stream()
        .filter(layer -> layer.has(kind))
        .findFirst()
        .map(layer -> layer.mapping(kind));
  }

  /** The layer of that kind in a topology, if there is one and the layers are sound. */
  static Optional<Node.Mapping> layer(Node.Mapping root, String kind) {
    return root.has("traffic") ? layer(root.mappings("traffic"), kind) : Optional.empty();
  }

  void check() {
    if (!root.has("traffic")) {
      return;
    }
    List.of("hosts-file", "pgbouncer", "haproxy", "hook").forEach(this::checkOnce);
    if (layer(root, "hosts-file").isPresent()
        && !root.has("names")
        && !complaints.areAbout("names")) {
      complaints.add(
          root.place(),
          "'names' is missing",
          "add 'names:' (the names in the hosts files, each with the server it leads to)");
    }
    layer(root, "pgbouncer").ifPresent(this::checkPoolers);
    layer(root, "haproxy").ifPresent(proxy -> checkLed("haproxy.servers", proxy, "servers"));
    layer(root, "hook").ifPresent(hook -> checkLed("hook.names", hook, "names"));
  }

  /** What is led by its name leads to a server that serves. */
  private void checkLed(String where, Node.Mapping layer, String key) {
    var led = layer.mapping(key);
    led.entries()
        .forEach((name, entry) -> {
          checkNoName(entry.keyPlace(), name, where);
          if (root.has("servers")) {
            checkServer(where + "." + name, led.scalar(name));
          }
        });
  }

  private void checkOnce(String kind) {
    root.mappings("traffic").stream()
        .filter(layer -> layer.has(kind))
        .skip(1)
        .forEach(layer ->
            complaints.add(
                layer.entry(kind).keyPlace(),
                "a second " + kind + " in 'traffic'",
                "describe all of it in the first one"));
  }

  private void checkPoolers(Node.Mapping poolers) {
    checkProcesses(poolers.mappings("processes"));
    var seen = new HashSet<String>();
    for (var pool : poolers.scalars("read-write")) {
      if (!seen.add(pool.text())) {
        complaints.add(
            pool.place(),
            "'pgbouncer.read-write' names " + pool.text() + " twice",
            "name each entry once");
      }
      checkNoName(pool.place(), pool.text(), POOLERS);
    }
    if (poolers.has("read-only")) {
      checkReadOnly(poolers.mapping("read-only"), poolers.texts("read-write"));
    }
  }

  private void checkProcesses(List<Node.Mapping> processes) {
    boolean local = root.has("access") && root.text("access").equals("local");
    var seen = new HashMap<String, String>();
    for (var process : processes) {
      var config = process.scalar("config");
      var file = Path.of(config.text()).normalize().toString();
      var earlier =
          seen.putIfAbsent(local ? file : process.text("host") + ":" + file, process.text("host"));
      if (earlier != null) {
        complaints.add(
            config.place(),
            "a second process with the configuration " + file,
            earlier
                + " has it already: each process needs its own, with a socket folder of its own");
      }
    }
  }

  private void checkReadOnly(Node.Mapping readOnly, List<String> readWrite) {
    readOnly
        .entries()
        .forEach((pool, entry) -> {
          if (readWrite.contains(pool)) {
            complaints.add(
                entry.keyPlace(),
                "'pgbouncer.read-only': " + pool + " stands in read-write, too",
                "an entry that is written to belongs into read-write only");
          }
          checkNoName(entry.keyPlace(), pool, POOLERS);
          if (root.has("servers")) {
            checkServer("pgbouncer.read-only." + pool, readOnly.scalar(pool));
          }
        });
  }

  private void checkServer(String where, Node.Scalar target) {
    var servers = root.mappings("servers");
    var names = servers.stream().map(server -> server.text("name")).toList();
    if (!names.contains(target.text())) {
      complaints.add(
          target.place(),
          "'" + where + "': there is no server '" + target.text() + "'",
          Nearest.hint(target.text(), "the servers are", names));
    } else if (servers.stream()
        .anyMatch(
            server -> server.text("name").equals(target.text()) && ServerRules.isEmpty(server))) {
      complaints.add(
          target.place(),
          "'" + where + "' leads to " + ServerRules.called(servers, target),
          "it serves nobody before the switch: name another server");
    }
  }

  /** All are led by their names, in one map. */
  private void checkNoName(Place place, String name, String where) {
    if (taken(where).stream().anyMatch(name::equalsIgnoreCase)) {
      complaints.add(
          place,
          "'" + name + "' of " + where + " is led by another layer of 'traffic', too",
          "rename one of the two");
    }
  }

  /** The names that the layers before this one lead. */
  private List<String> taken(String where) {
    var taken = new ArrayList<String>();
    if (layer(root, "hosts-file").isPresent() && root.has("names")) {
      taken.addAll(root.mapping("names").entries().keySet());
    }
    if (where.equals(POOLERS)) {
      return taken;
    }
    layer(root, "pgbouncer")
        .ifPresent(poolers -> {
          taken.addAll(poolers.texts("read-write"));
          if (poolers.has("read-only")) {
            taken.addAll(poolers.mapping("read-only").entries().keySet());
          }
        });
    if (where.startsWith("hook")) {
      layer(root, "haproxy")
          .ifPresent(proxy -> taken.addAll(proxy.mapping("servers").entries().keySet()));
    }
    return taken;
  }
}
