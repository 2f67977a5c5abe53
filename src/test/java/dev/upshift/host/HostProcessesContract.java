package dev.upshift.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The processes of a machine, and where they work. */
abstract class HostProcessesContract {
  private static final String SELF = Long.toString(ProcessHandle.current().pid());
  private final Host host = host("here", Witness.NONE);

  @TempDir Path folder;

  /** The machine under test. */
  abstract Host host(String name, Witness witness);

  @Test
  void shouldListTheChildrenOfAProcessAndEndThem() throws Exception {
    var parent = new ProcessBuilder("sh", "-c", "sleep 61 & sleep 62 & wait").start();
    try {
      var pid = Long.toString(parent.pid());
      var soon = Deadline.in(Duration.ofSeconds(20));
      assertThat(
              soon.until(
                  Duration.ofMillis(10),
                  () ->
                      Set.copyOf(host.children(pid).values())
                          .equals(Set.of("sleep 61", "sleep 62"))))
          .isTrue();
      host.terminate(List.copyOf(host.children(pid).keySet()));
      assertThat(parent.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(host.children(pid)).isEmpty();
    } finally {
      parent.descendants().forEach(ProcessHandle::destroyForcibly);
      parent.destroyForcibly();
    }
    assertThat(host.children("nobody's")).isEmpty();
  }

  @Test
  void shouldFindAProcessInItsOwnFolderOnly() {
    assertThat(host.worksIn(SELF, Path.of("").toAbsolutePath())).isTrue();
    assertThat(host.worksIn(SELF, folder)).isFalse();
    assertThat(host.worksIn(SELF, folder.resolve("not there"))).isFalse();
  }

  @Test
  void shouldFindNoProcessThatHasEnded() throws Exception {
    var process = new ProcessBuilder("sleep", "60").directory(folder.toFile()).start();
    var pid = Long.toString(process.pid());
    try {
      assertThat(host.worksIn(pid, folder)).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(host.worksIn(pid, folder)).isFalse();
  }

  @Test
  void shouldTakeNoOtherTextForAProcess() {
    assertThat(host.worksIn("", Path.of("/proc"))).isFalse();
    assertThat(host.worksIn("self", Path.of("").toAbsolutePath())).isFalse();
    assertThat(host.worksIn("../proc/" + SELF, Path.of("").toAbsolutePath())).isFalse();
  }
}
