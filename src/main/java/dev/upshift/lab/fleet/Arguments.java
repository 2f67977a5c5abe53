package dev.upshift.lab.fleet;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The arguments of a process of the fleet: pairs of {@code --name value}, nothing else. */
record Arguments(Map<String, String> values) {

  /**
   * Reads the pairs.
   *
   * @throws IllegalArgumentException for a name that is not known, or a name without a value
   */
  static Arguments parse(String[] words, Set<String> known) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < words.length; i += 2) {
      String name = words[i].startsWith("--") ? words[i].substring(2) : words[i];
      if (!words[i].startsWith("--") || !known.contains(name)) {
        throw new IllegalArgumentException("unknown argument " + words[i]);
      }
      if (i + 1 == words.length) {
        throw new IllegalArgumentException("argument " + words[i] + " has no value");
      }
      values.put(name, words[i + 1]);
    }
    return new Arguments(Map.copyOf(values));
  }

  Optional<String> find(String name) {
    return Optional.ofNullable(values.get(name));
  }

  String need(String name) {
    return find(name)
        .orElseThrow(() -> new IllegalArgumentException("argument --" + name + " is missing"));
  }

  String orElse(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  int number(String name, int otherwise) {
    return (int) decimal(name, otherwise);
  }

  double decimal(String name, double otherwise) {
    String value = values.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("argument --" + name + ": no number: " + value, e);
    }
  }

  /** An address in the form {@code 127.0.0.31:8080}. */
  InetSocketAddress address(String name) {
    String value = need(name);
    int colon = value.lastIndexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("argument --" + name + ": no address:port: " + value);
    }
    int port = Integer.parseInt(value.substring(colon + 1));
    return new InetSocketAddress(value.substring(0, colon), port);
  }

  /** A password file that only its owner can read. */
  Path passfile(String name) throws IOException {
    Path file = Path.of(need(name));
    Set<PosixFilePermission> allowed =
        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    if (!allowed.containsAll(Files.getPosixFilePermissions(file))) {
      throw new IllegalArgumentException(
          "password file " + file + " can be read by others: it needs mode 0600");
    }
    return file;
  }
}
