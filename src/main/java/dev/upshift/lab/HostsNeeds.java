package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What this machine must have and allow for {@link SeparateHosts}. */
final class HostsNeeds {
  private static final int LAST_LINES = 8;

  /** Programs, and Debian's packages with them. */
  private static final Map<String, String> PROGRAMS =
      new TreeMap<>(
          Map.of(
              "ip", "iproute2",
              "bridge", "iproute2",
              "unshare", "util-linux",
              "nsenter", "util-linux",
              "setsid", "util-linux",
              "mount", "mount",
              "ssh", "openssh-client",
              "ssh-keygen", "openssh-client"));

  private HostsNeeds() {}

  /**
   * Complains about the first that is missing.
   *
   * @throws InputError when we are not root, or a program is missing
   */
  static void check() {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new InputError(
          "only root can make separate hosts on this machine",
          "run it as root (sudo), or leave --hosts away");
    }
    PROGRAMS.forEach((program, of) -> {
      if (Stream.of(Enclosure.PATH.split(":"))
          .noneMatch(folder -> Files.isExecutable(Path.of(folder, program)))) {
        throw new InputError(
            "separate hosts need the program '" + program + "', and it is not on this machine",
            "install the package " + of);
      }
    });
  }

  /**
   * Complains where hosts could not have what looks after PostgreSQL.
   *
   * @throws InputError naming what is missing
   */
  static void check(Keeper keeper) {
    if (keeper.isDebians()) {
      need("/usr/bin/pg_ctlcluster", "postgresql-common");
    }
    if (keeper == Keeper.SYSTEMD) {
      need("/lib/systemd/systemd", "systemd");
    }
  }

  private static void need(String program, String of) {
    if (!Files.isExecutable(Path.of(program))) {
      throw new InputError(
          "hosts with PostgreSQL as Debian installs it need "
              + program
              + ", and it is not on this machine",
          "install the package " + of + ", or leave --systemd or --pg-ctlcluster away");
    }
  }

  /** This machine does not do it; with the end of what was said. */
  static WorldError refused(String where, String what, String said) {
    var lines = said.lines().toList();
    var last =
        lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()).stream()
            .map(line -> "\n  " + line)
            .collect(Collectors.joining());
    return new WorldError(
        where,
        what + last,
        "separate hosts need a kernel with network namespaces, veth, bridge and overlay, and a root"
            + " that may use them: within a container it has to be a privileged one");
  }

  /** The network interfaces of this machine, whether or not they have addresses. */
  static List<String> links() {
    try (var lines = Files.lines(Path.of("/proc/net/dev"))) {
      return lines
          .filter(line -> line.contains(":"))
          .map(line -> line.substring(0, line.indexOf(':')).strip())
          .toList();
    } catch (IOException e) {
      throw new WorldError("this machine", "could not read /proc/net/dev: " + e, "", e);
    }
  }
}
