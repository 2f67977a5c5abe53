package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Host;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * HAProxy between applications and databases: servers of its backends, named backend/server, are
 * led elsewhere by its runtime socket, for new connections at once (management guide, "set server …
 * addr"), and in its configuration, so that it stays so when HAProxy starts anew. It makes nobody
 * wait: connections that are there stay where they are, and are ended by the fence.
 */
public final class ProxyServers implements TrafficSwitch {
  private final Host host;
  private final Path socket;
  private final Optional<Path> config;
  private final Set<String> names;

  /** Where servers would be now, in a dry run. */
  private final Map<String, Target> wouldBe = new ConcurrentHashMap<>();

  /**
   * These servers of the HAProxy on a host.
   *
   * @param socket its admin-level stats socket
   * @param config its configuration, where that is to be kept in step
   */
  public ProxyServers(Host host, Path socket, Optional<Path> config, Set<String> names) {
    this.host = host;
    this.socket = socket;
    this.config = config;
    this.names = Set.copyOf(names);
  }

  @Override
  public Set<String> names() {
    return names;
  }

  private Map<String, Target> wanted(Map<String, String> nameToAddress) {
    var wanted = new TreeMap<String, Target>();
    nameToAddress.forEach((name, address) -> {
      if (names.contains(name)) {
        wanted.put(name, Target.parse(address));
      }
    });
    return wanted;
  }

  private Optional<Target> now(String name) {
    return Optional.ofNullable(wouldBe.get(name))
        .or(() -> Optional.ofNullable(states(name.substring(0, name.indexOf('/'))).get(name)));
  }

  /** Each server of a backend, by backend/server, with its address and port. */
  private Map<String, Target> states(String backend) {
    var lines = host.ask(socket, "show servers state " + backend).lines().toList();
    var header = lines.stream().filter(line -> line.startsWith("# ")).findFirst();
    if (header.isEmpty()) {
      throw new WorldError(
          host.name(),
          "HAProxy says of the backend " + backend + ": " + String.join(" ", lines).strip(),
          "correct traffic.haproxy.servers");
    }
    var columns = List.of(header.get().substring(2).split(" "));
    var states = new HashMap<String, Target>();
    for (var line : lines) {
      var values = line.split(" ");
      if (!line.startsWith("#") && values.length >= columns.size()) {
        states.put(
            backend + "/" + values[columns.indexOf("srv_name")],
            new Target(
                values[columns.indexOf("srv_addr")],
                Optional.of(values[columns.indexOf("srv_port")])));
      }
    }
    return states;
  }

  private Target known(String name) {
    return now(name)
        .orElseThrow(() ->
            new WorldError(
                host.name(),
                "HAProxy has no server " + name,
                "correct traffic.haproxy.servers (backend/server)"));
  }

  /** Its configuration has them all. */
  @Override
  public void inspect() {
    configLines();
  }

  @Override
  public Snapshot snapshot() {
    var places = new TreeMap<String, String>();
    names.forEach(name -> places.put(key(name), text(known(name))));
    configLines().forEach((name, address) -> places.put(configKey(name), address));
    return new Snapshot(places);
  }

  private String key(String name) {
    return "haproxy " + host.name() + " " + name;
  }

  private String configKey(String name) {
    return "haproxy's configuration " + host.name() + " " + name;
  }

  /** How the configuration writes the addresses of ours; empty where it is not kept in step. */
  private Map<String, String> configLines() {
    var text = configText();
    if (text.isEmpty()) {
      return Map.of();
    }
    var lines = new ProxyText(text.get()).addresses();
    for (var name : names) {
      if (!lines.containsKey(name)) {
        throw new WorldError(
            host.name(),
            config.orElseThrow() + " has no line for the server " + name,
            "a section 'backend' or 'listen' with a line 'server' is looked for: correct"
                + " traffic.haproxy.config or traffic.haproxy.servers");
      }
    }
    lines.keySet().retainAll(names);
    return lines;
  }

  private static String text(Target target) {
    return (target.host().contains(":") ? "[" + target.host() + "]" : target.host())
        + ":"
        + target.port().orElse("");
  }

  @Override
  public void ready(Map<String, String> nameToAddress) {
    wanted(nameToAddress).keySet().forEach(this::known);
    inspect();
  }

  @Override
  public void forget() {}

  @Override
  public void point(Map<String, String> nameToAddress) {
    var wanted = wanted(nameToAddress);
    lead(wanted);
    change(text -> text.pointing(wanted));
  }

  private void lead(Map<String, Target> wanted) {
    wanted.forEach((name, target) -> {
      if (!target.isMetBy(known(name))) {
        move(name, target);
      }
    });
  }

  /** After clients were led: it counts only when HAProxy starts anew. */
  private void change(UnaryOperator<ProxyText> how) {
    var text = configText();
    if (text.isPresent()) {
      var then = how.apply(new ProxyText(text.get())).text();
      if (!then.equals(text.get())) {
        host.replaceText(config.orElseThrow(), then);
      }
    }
  }

  private Optional<String> configText() {
    return config.map(file ->
        host.readText(file)
            .orElseThrow(() ->
                new WorldError(
                    host.name(), "there is no " + file, "correct traffic.haproxy.config")));
  }

  /** What it answers is for people; whether it has done it shows in its state. */
  private void move(String name, Target target) {
    var port = target.port().map(number -> " port " + number).orElse("");
    var said = host.tell(socket, "set server " + name + " addr " + target.host() + port);
    if (host.onlyShows()) {
      wouldBe.put(name, new Target(target.host(), target.port().or(() -> known(name).port())));
    } else if (!target.isMetBy(known(name))) {
      throw new WorldError(
          host.name(),
          "HAProxy did not lead " + name + " to " + target.host() + port + ": " + said.strip(),
          "is the socket at level admin?");
    }
  }

  @Override
  public boolean leads(Map<String, String> nameToAddress) {
    return wanted(nameToAddress).entrySet().stream()
        .allMatch(one -> one.getValue().isMetBy(known(one.getKey())));
  }

  /** To the byte, as it stood in the configuration: a name there may be another word for it. */
  @Override
  public void restore(Snapshot snapshot) {
    var before = new TreeMap<String, Target>();
    var lines = new TreeMap<String, String>();
    for (var name : names) {
      Optional.ofNullable(snapshot.places().get(key(name)))
          .ifPresent(place -> before.put(name, Target.parse(place)));
      Optional.ofNullable(snapshot.places().get(configKey(name)))
          .ifPresent(address -> lines.put(name, address));
    }
    lead(before);
    change(text -> text.with(lines));
  }
}
