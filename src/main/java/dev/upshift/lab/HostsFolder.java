package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The files of {@link SeparateHosts}: keys, settings of ssh, and what another process must know to
 * find the hosts again. For root alone.
 *
 * @param dir where they lie
 * @param numbers of each host, by its name: the last of its address
 */
record HostsFolder(Path dir, HostsNetwork network, Map<String, Integer> numbers) {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  Path sshConfig() {
    return sshConfig(dir);
  }

  /** Where it is, or will be. */
  static Path sshConfig(Path dir) {
    return dir.resolve("ssh_config");
  }

  /** Commands of ip: who has which hardware address, as seen from an interface eth0. */
  Path neighbours() {
    return dir.resolve("neighbours");
  }

  Path hostKey(String name) {
    return dir.resolve(name).resolve("host_key");
  }

  String address(String name) {
    return network.address(number(name));
  }

  String hardware(String name) {
    return network.hardware(number(name));
  }

  private int number(String name) {
    var number = numbers.get(name);
    if (number == null) {
      throw new IllegalArgumentException("no host '" + name + "' among " + numbers.keySet());
    }
    return number;
  }

  /** Makes a folder that nobody else may look into. */
  static void makePrivate(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not make the folder " + folder + ": " + e.getMessage(), "", e);
    }
  }

  /** Writes all that can be known before the hosts are there. */
  void write() {
    write("network", network.prefix() + "\n");
    var key = dir.resolve("id").toString();
    Child.run(List.of("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key), LIMIT)
        .orFail("install OpenSSH's client");
    write("authorized_keys", read(dir.resolve("id.pub")));
    write("id.pub", read(dir.resolve("id.pub")));
    write("numbers", eachHost(name -> name + " " + number(name) + "\n"));
    write(
        neighbours().getFileName().toString(),
        Stream.concat(Stream.of(HostsNetwork.HERE), numbers.values().stream())
            .map(number ->
                "neigh replace %s lladdr %s dev eth0 nud permanent\n"
                    .formatted(network.address(number), network.hardware(number)))
            .collect(Collectors.joining()));
    write(sshConfig().getFileName().toString(), clientSettings());
    for (var name : numbers.keySet()) {
      makePrivate(dir.resolve(name));
      write(name + "/sshd_config", serverSettings(name));
    }
  }

  /** Writes down whom to trust, once each host has made its key. */
  void writeKnownHosts() {
    write(
        "known_hosts",
        eachHost(name -> address(name) + " " + read(Path.of(hostKey(name) + ".pub"))));
  }

  private String eachHost(java.util.function.UnaryOperator<String> text) {
    return numbers.keySet().stream().map(text).collect(Collectors.joining());
  }

  private void write(String name, String text) {
    var file = dir.resolve(name);
    try {
      Files.writeString(file, text);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not write " + file + ": " + e.getMessage(), "", e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new WorldError("this machine", "could not read " + file + ": " + e.getMessage(), "", e);
    }
  }

  private String serverSettings(String name) {
    return """
    ListenAddress %s
    HostKey %s
    AuthorizedKeysFile %s /etc/ssh/authorized_keys.d/%%u
    PidFile none
    StrictModes no
    UsePAM no
    UseDNS no
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    PermitRootLogin yes
    """
        .formatted(address(name), hostKey(name), dir.resolve("authorized_keys"));
  }

  private String clientSettings() {
    return eachHost(name -> "Host %s\n  HostName %s\n".formatted(name, address(name)))
        + """
        Host *
          User root
          IdentityFile %s
          IdentitiesOnly yes
          IdentityAgent none
          UserKnownHostsFile %s
          GlobalKnownHostsFile /dev/null
          StrictHostKeyChecking yes
        """
            .formatted(dir.resolve("id"), dir.resolve("known_hosts"));
  }

  /** The folders of the hosts that were begun here, if any. */
  static List<Path> hostsBelow(Path dir) {
    if (!Files.isDirectory(dir)) {
      return List.of();
    }
    try (var found = Files.list(dir)) {
      return found.filter(Files::isDirectory).toList();
    } catch (IOException e) {
      throw new WorldError("this machine", "could not look into " + dir + ": " + e, "", e);
    }
  }

  /**
   * Reads what was written.
   *
   * @throws InputError when there is nothing that could be read
   */
  static HostsFolder of(Path dir) {
    try {
      var numbers = new LinkedHashMap<String, Integer>();
      for (var line : Files.readAllLines(dir.resolve("numbers"))) {
        numbers.put(line.split(" ")[0], Integer.parseInt(line.split(" ")[1]));
      }
      return new HostsFolder(
          dir, HostsNetwork.parse(Files.readString(dir.resolve("network"))), numbers);
    } catch (IOException | IndexOutOfBoundsException | NumberFormatException e) {
      throw new InputError(
          "there are no hosts in " + dir + ": " + e.getMessage(),
          "take the lab down, then bring it up again");
    }
  }
}
