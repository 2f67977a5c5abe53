package dev.upshift.lab;

import dev.upshift.testing.LabProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What separate hosts could leave behind: asked for while they run, looked for afterwards. Others
 * may come and go on this machine meanwhile.
 *
 * @param ours the namespaces that are the hosts', as the kernel calls them
 * @param link the interface that leads to them
 * @param named the network namespaces that had names before
 * @param files of the machine that hosts have in another form, as they were before
 */
record HostTraces(Path dir, Set<String> ours, String link, String named, List<String> files) {
  private static final List<String> KINDS = List.of("net", "mnt", "pid_for_children", "uts", "ipc");

  /** Before there are any hosts in this folder. */
  static HostTraces before(Path dir) {
    return new HostTraces(dir, Set.of(), "none", namesNow(), filesNow());
  }

  /** The same with what can be seen now that they run. */
  HostTraces seeing(SeparateHosts hosts) {
    var found = new HashSet<String>();
    Residents.processes()
        .filter(pid -> Residents.words(pid).stream().anyMatch(word -> word.startsWith(dir + "/")))
        .forEach(pid -> found.addAll(namespaces(pid)));
    found.removeAll(namespaces(ProcessHandle.current().pid()));
    return new HostTraces(dir, found, hosts.network().link(), named, files);
  }

  /** What is left of them. */
  List<String> left() {
    var left = new ArrayList<>(LabProcesses.in(dir));
    Residents.processes()
        .forEach(pid -> {
          if (namespaces(pid).stream().anyMatch(ours::contains)) {
            left.add("process " + pid + " " + Residents.words(pid));
          }
          if (text(Path.of("/proc", pid + "", "mountinfo")).contains(dir.toString())) {
            left.add("a mount seen by process " + pid);
          }
        });
    if (HostsNeeds.links().contains(link)) {
      left.add("interface " + link);
    }
    if (Files.exists(dir)) {
      left.add("folder " + dir);
    }
    if (!namesNow().equals(named)) {
      left.add("named namespaces " + namesNow() + ", before: " + named);
    }
    var now = filesNow();
    files.stream().filter(file -> !now.contains(file)).forEach(left::add);
    return left;
  }

  private static List<String> namespaces(long pid) {
    return KINDS.stream()
        .flatMap(kind -> link(Path.of("/proc", Long.toString(pid), "ns", kind)))
        .toList();
  }

  private static Stream<String> link(Path link) {
    try {
      return Stream.of(Files.readSymbolicLink(link).toString());
    } catch (IOException e) {
      return Stream.of(); // It has ended meanwhile.
    }
  }

  private static String namesNow() {
    return Child.run(List.of("ip", "netns", "list"), Duration.ofSeconds(10)).lines().toString();
  }

  private static List<String> filesNow() {
    try {
      var found = new ArrayList<String>();
      for (var name : List.of("/etc/hosts", "/etc/hostname", "/etc/passwd", "/etc/shadow")) {
        var file = Path.of(name);
        found.add(
            "%s of %s, inode %s"
                .formatted(
                    file, Files.getLastModifiedTime(file), Files.getAttribute(file, "unix:ino")));
      }
      try (var names = Files.list(Path.of("/run"))) {
        names.forEach(name -> found.add(name.toString()));
      }
      Files.readAllLines(Path.of("/proc/mounts")).forEach(found::add);
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
