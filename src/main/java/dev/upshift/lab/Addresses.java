package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Where the lab's servers listen: each on an address of its own within a network of 254, the
 * databases and poolers on one port, the applications on another. Without hosts of their own it is
 * 127.77.GROUP.0/24, for Linux has the whole of 127.0.0.0/8 on its loopback.
 *
 * @param network the three numbers that every address begins with
 */
record Addresses(String network, int port, int httpPort) {
  private static final String LOOPBACK = "127.77.";

  /** Never a lab's: whoever listens on a port there listens on it everywhere. */
  private static final int NO_GROUP = 255;

  private static final int MOST_GROUPS = 254;
  private static final int GUARD_PORT = 47077;
  private static final int FIRST_PORT = 5432;
  private static final int FIRST_HTTP_PORT = 8080;
  private static final int PORTS_TRIED = 60;

  String database(String server) {
    return at(last(server));
  }

  String web(String server) {
    return at(last(server));
  }

  String api(String server) {
    return at(last(server));
  }

  /** Of a pooler, which listens on the databases' port. */
  String pooler(String name) {
    return at(last(name));
  }

  /** Where visitors come in. */
  InetSocketAddress site() {
    return InetSocketAddress.createUnresolved(
        isLoopback() ? at(1) : at(last(LabPlan.BALANCER)), httpPort);
  }

  /** Where programs come in; a balancer on a host of its own has one address for both. */
  InetSocketAddress programs() {
    return isLoopback()
        ? InetSocketAddress.createUnresolved(at(2), httpPort)
        : InetSocketAddress.createUnresolved(at(last(LabPlan.BALANCER)), httpPort + 1);
  }

  private boolean isLoopback() {
    return network.startsWith(LOOPBACK);
  }

  /** The last number of the address of the server of this name. */
  static int last(String server) {
    int number = server.charAt(server.length() - 1) - '0';
    return switch (server.substring(0, server.length() - 1)) {
      case "db" -> 10 + number;
      case "web" -> 20 + number;
      case "api" -> 30 + number;
      case "pool" -> 40 + number;
      case "work" -> 50 + number;
      case "login" -> 60 + number;
      case "lb" -> 70 + number;
      default -> throw new IllegalArgumentException("the lab has no server '" + server + "'");
    };
  }

  private String at(int last) {
    return network + "." + last;
  }

  /** Whom the servers let in by password, as pg_hba.conf has it. */
  String range() {
    return isLoopback() ? "127.0.0.0/8" : at(0) + "/24";
  }

  private List<InetSocketAddress> all() {
    var all = new ArrayList<InetSocketAddress>();
    Stream.of(11, 12, 13, 14, 41, 42).forEach(n -> all.add(new InetSocketAddress(at(n), port)));
    Stream.of(1, 2, 21, 22, 23, 31, 32)
        .forEach(n -> all.add(new InetSocketAddress(at(n), httpPort)));
    return all;
  }

  private Optional<InetSocketAddress> taken() {
    return all().stream().filter(address -> !isFree(address)).findFirst();
  }

  /** Addresses that no other lab takes until this is closed. */
  record Reserved(Addresses addresses, ServerSocket guard) implements AutoCloseable {
    @Override
    public void close() {
      try {
        guard.close();
      } catch (IOException e) {
        throw new WorldError("this machine", "could not close a socket: " + e.getMessage(), "", e);
      }
    }
  }

  /**
   * On hosts of their own, where every port is free: nothing has to be reserved.
   *
   * @param network what is known of it; the hosts choose it when they are made
   */
  static Addresses onHosts(HostsNetwork network, LabOptions.Place wish) {
    return new Addresses(network.prefix(), wish.port().orElse(FIRST_PORT), FIRST_HTTP_PORT);
  }

  /**
   * Chooses what is free, or checks that what is wished is.
   *
   * @throws InputError when what is wished is taken
   * @throws WorldError when nothing is free
   */
  static Reserved reserve(LabOptions.Place wish) {
    int port = wish.port().orElseGet(() -> freePort(FIRST_PORT));
    int http = freePort(FIRST_HTTP_PORT);
    var groups =
        wish.group().isPresent()
            ? IntStream.of(wish.group().getAsInt())
            : IntStream.rangeClosed(1, MOST_GROUPS);
    var complaints = new ArrayList<String>();
    for (int group : groups.toArray()) {
      var found = reserve(new Addresses(LOOPBACK + group, port, http), complaints);
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw nothingFree(wish, port, complaints);
  }

  private static Optional<Reserved> reserve(Addresses addresses, List<String> complaints) {
    var guard = guard(addresses.at(254));
    if (guard.isEmpty()) {
      complaints.add(addresses.at(254) + ":" + GUARD_PORT);
      return Optional.empty();
    }
    var reserved = new Reserved(addresses, guard.get());
    var taken = addresses.taken();
    if (taken.isPresent()) {
      complaints.add(taken.get().getHostString() + ":" + taken.get().getPort());
      reserved.close();
      return Optional.empty();
    }
    return Optional.of(reserved);
  }

  private static RuntimeException nothingFree(
      LabOptions.Place wish, int port, List<String> complaints) {
    var first = complaints.getFirst();
    if (wish.group().isPresent() || wish.port().isPresent()) {
      return new InputError(
          first + " is taken",
          "see who listens there (ss -ltnp), or let the lab choose its addresses and port");
    }
    return new WorldError(
        "this machine",
        "none of the addresses 127.77.1.x to 127.77.254.x is free for port "
            + port
            + "; the first that is taken is "
            + first,
        "see who listens there (ss -ltnp), and whether the loopback interface is up");
  }

  private static int freePort(int first) {
    return IntStream.range(first, first + PORTS_TRIED)
        .filter(port -> isFree(new InetSocketAddress("127.77." + NO_GROUP + ".11", port)))
        .findFirst()
        .orElseThrow(() ->
            new WorldError(
                "this machine",
                "none of the ports %d to %d can be used on the loopback interface"
                    .formatted(first, first + PORTS_TRIED - 1),
                "see who listens there (ss -ltnp), and whether the loopback interface is up"));
  }

  private static boolean isFree(InetSocketAddress address) {
    try (var socket = new ServerSocket()) {
      socket.bind(address);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Two labs that come up at the same time do not choose the same group. */
  private static Optional<ServerSocket> guard(String address) {
    try {
      var socket = new ServerSocket();
      try {
        socket.bind(new InetSocketAddress(address, GUARD_PORT));
        return Optional.of(socket);
      } catch (IOException e) {
        socket.close();
        return Optional.empty();
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
