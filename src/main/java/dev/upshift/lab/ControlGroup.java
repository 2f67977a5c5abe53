package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The control group in which a host's systemd has its own (cgroups(7)). The kernel does not take it
 * away with the last process: that is for who made it.
 *
 * @param name of its folder, below the root of the second version's tree
 */
record ControlGroup(String name) {
  private static final List<Path> TREES =
      List.of(Path.of("/sys/fs/cgroup/unified"), Path.of("/sys/fs/cgroup"));
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(10);

  /** The one of a host, by its folder. */
  static ControlGroup of(Path host) {
    return new ControlGroup("upshift-" + Integer.toHexString(host.toString().hashCode()));
  }

  /**
   * Removes it with all below it; nothing runs in there any more, and does nothing where there is
   * none.
   */
  void remove() {
    for (var tree : TREES) {
      var group = tree.resolve(name);
      // Who has ended still counts until somebody has reaped him.
      if (!Deadline.in(LIMIT).until(PAUSE, () -> isGone(group))) {
        throw new WorldError("this machine", group + " is still in use", "rmdir it when it is not");
      }
    }
  }

  private static boolean isGone(Path group) {
    if (!Files.isDirectory(group)) {
      return true;
    }
    try (Stream<Path> all = Files.walk(group)) {
      for (var folder : all.filter(Files::isDirectory).sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(folder);
      }
      return true;
    } catch (IOException | java.io.UncheckedIOException e) {
      return false;
    }
  }
}
