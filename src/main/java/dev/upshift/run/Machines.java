package dev.upshift.run;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.SshConnections;
import dev.upshift.host.SshHost;
import dev.upshift.host.SshReach;
import dev.upshift.host.Witness;
import dev.upshift.time.Budget;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The machines of a topology, reached as it says. Connections are made once in a process and kept
 * until its end: nothing is connected while somebody waits.
 */
final class Machines {
  private static final SshConnections CONNECTIONS = new SshConnections();

  /** Machines that did not answer in time, and until when that is remembered. */
  private static final Map<String, Deadline> LATE = new ConcurrentHashMap<>();

  /**
   * How long nobody may come, among however many: some wait for their turn to log in, and a machine
   * that does not answer gives its turn back within {@link SshReach#USUAL_CONNECT_LIMIT}.
   */
  private static final Duration PATIENCE = SshReach.USUAL_CONNECT_LIMIT.plusMillis(500);

  /** Who refuses does so at once. */
  private static final Duration SLOW = Duration.ofSeconds(5);

  private static final Duration MEMORY = Duration.ofMinutes(2);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Topology topology;

  /**
   * These machines.
   *
   * @throws InputError where they are said to be this one and are not
   */
  Machines(Topology topology) {
    this.topology = topology;
    if (topology.access() == Topology.Access.LOCAL) {
      topology.servers().forEach(Machines::refuseUnlessHere);
    }
  }

  private static void refuseUnlessHere(Topology.Server server) {
    try {
      var address = InetAddress.getByName(server.address());
      if (!address.isLoopbackAddress() && NetworkInterface.getByInetAddress(address) == null) {
        throw new InputError(
            server.name()
                + " has the address "
                + server.address()
                + ", which is not this machine's",
            "say access: ssh in the topology");
      }
    } catch (IOException e) {
      throw new InputError(
          server.name() + ": the address " + server.address() + " is not known here",
          "write its IP address");
    }
  }

  /** A machine under its name in the topology; what is far is worked on as root. */
  Host host(String name, Witness witness) {
    return topology.access() == Topology.Access.LOCAL
        ? new LocalHost(name, witness)
        : far(name, witness).as("root");
  }

  private SshHost far(String name, Witness witness) {
    return CONNECTIONS.host(name, reach(topology, name), witness);
  }

  /** How a machine is reached by ssh. */
  static SshReach reach(Topology topology, String name) {
    var reach = SshReach.of(name);
    var config = topology.ssh().config();
    if (config.isPresent()) {
      reach = reach.withConfiguration(config.get());
    }
    var user = topology.ssh().user();
    if (user.isPresent()) {
      reach = reach.withUser(user.get());
    }
    return reach;
  }

  /**
   * Connects to these machines, several at a time; what is connected already stays so. One that
   * cannot be reached shows when something is wanted of it, and is not waited for a second time
   * soon.
   *
   * @return those that did not answer in time, now or a moment ago
   */
  List<String> connect(Collection<String> names) {
    if (topology.access() == Topology.Access.LOCAL) {
      return List.of();
    }
    var threads = new TreeMap<String, Thread>();
    for (var name : names) {
      if (!isLate(name)) {
        var host = far(name, Witness.NONE);
        threads.computeIfAbsent(
            name, _ -> Thread.ofPlatform().daemon().start(() -> open(name, host)));
      }
    }
    long open = alive(threads);
    long before = open + 1;
    while (open > 0 && open < before) {
      before = open;
      long now = open;
      Deadline.in(PATIENCE).until(PAUSE, () -> alive(threads) < now);
      open = alive(threads);
    }
    threads.forEach((name, thread) -> {
      if (thread.isAlive()) {
        LATE.put(key(name), Deadline.in(MEMORY));
      }
    });
    return names.stream().distinct().filter(this::isLate).toList();
  }

  private boolean isLate(String name) {
    var late = LATE.get(key(name));
    return late != null && !late.passed();
  }

  private static long alive(Map<String, Thread> threads) {
    return threads.values().stream().filter(Thread::isAlive).count();
  }

  /** While clients are held, no machine is waited for longer than that may last. */
  void mindHold(Budget hold) {
    CONNECTIONS.mindHold(hold);
  }

  /** Of two clusters, machines of one name are two. */
  private String key(String name) {
    return topology.file() + " " + name;
  }

  /** One that comes after all is not late any more; one that refuses at once never is. */
  private void open(String name, SshHost host) {
    var slow = Deadline.in(SLOW);
    try {
      CONNECTIONS.open(List.of(host));
      LATE.remove(key(name));
    } catch (WorldError e) {
      // Whether that matters is said by the check, or the step, that needs the machine.
      if (slow.passed()) {
        LATE.put(key(name), Deadline.in(MEMORY));
      }
    }
  }
}
