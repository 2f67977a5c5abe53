package dev.upshift.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether the process that a pid file names is still the one that wrote it. */
class WorksInTest {
  private static final String SELF = Long.toString(ProcessHandle.current().pid());
  private final Host host = new LocalHost("here", Witness.NONE);

  @TempDir Path folder;

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
