package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * A network of 254 addresses within 198.18.0.0/15, which is for trying networks out and is met
 * nowhere else (RFC 2544).
 *
 * @param second the second number of its addresses, 18 or 19
 * @param third their third number
 */
record HostsNetwork(int second, int third) {
  /** The last number of this machine's own address. */
  static final int HERE = 1;

  /** Stands for one that has not been chosen yet. */
  static final HostsNetwork UNKNOWN = new HostsNetwork(0, 0);

  private static final int NETWORKS = 512;

  /** All networks of which no interface of this machine has an address, in any order. */
  static Stream<HostsNetwork> free() {
    var taken = addressesHere();
    int first = ThreadLocalRandom.current().nextInt(NETWORKS);
    return Stream.iterate(0, i -> i < NETWORKS, i -> i + 1)
        .map(i -> (first + i) % NETWORKS)
        .map(number -> new HostsNetwork(18 + number / 256, number % 256))
        .filter(network -> taken.stream().noneMatch(at -> at.startsWith(network.prefix() + ".")));
  }

  private static List<String> addressesHere() {
    try {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .map(InetAddress::getHostAddress)
          .toList();
    } catch (SocketException e) {
      throw new WorldError(
          "this machine", "could not list the network interfaces: " + e.getMessage(), "", e);
    }
  }

  /** Reads what {@link #prefix} wrote. */
  static HostsNetwork parse(String prefix) {
    var numbers = prefix.strip().split("\\.");
    return new HostsNetwork(Integer.parseInt(numbers[1]), Integer.parseInt(numbers[2]));
  }

  /** The three numbers that all its addresses begin with. */
  String prefix() {
    return "198." + second + "." + third;
  }

  String address(int last) {
    return prefix() + "." + last;
  }

  /** As routes and pg_hba.conf have it. */
  String range() {
    return prefix() + ".0/24";
  }

  /** A hardware address that goes with {@link #address}. */
  String hardware(int last) {
    return "02:00:c6:%02x:%02x:%02x".formatted(second, third, last);
  }

  /** The interface of this machine that leads there. */
  String link() {
    return "up" + second + "-" + third;
  }
}
