package dev.upshift.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.upshift.failure.InputError;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes never work on one cluster, and a dead one stands in nobody's way. */
class RunLockTest {
  @TempDir Path folder;

  @Test
  void shouldRefuseASecondTakerAndNameTheFirst() {
    var file = folder.resolve("lock");
    try (var lock = RunLock.take(file, "ops@laptop, process 17")) {
      assertThat(lock).isNotNull();
      assertRefused(file, "ops@laptop, process 17");
      assertThat(RunLock.isHeld(file)).isTrue();
    }
    assertThat(RunLock.isHeld(file)).isFalse();
    RunLock.take(file, "another").close();
  }

  @Test
  void shouldRefuseWhatAnotherProcessHoldsUntilItDies() throws Exception {
    var file = folder.resolve("lock");
    var child = Child.start("hold", file);
    try (var said = child.inputReader(StandardCharsets.UTF_8)) {
      assertThat(firstLine(said)).isEqualTo("taken");
      assertRefused(file, "the child");
      assertThat(RunLock.isHeld(file)).isTrue();
      child.destroyForcibly();
      assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(RunLock.isHeld(file)).isFalse();
    RunLock.take(file, "the next").close();
  }

  /** POSIX lets go of a process's lock when the process closes any descriptor of that file. */
  @Test
  void shouldStillHoldTheLockAfterItsOwnProcessLookedAtIt() throws Exception {
    var file = folder.resolve("lock");
    try (var lock = RunLock.take(file, "us")) {
      assertThat(lock).isNotNull();
      assertThat(RunLock.isHeld(file)).isTrue();
      assertRefused(file, "us");
      var child = Child.start("try", file);
      try (var said = child.inputReader(StandardCharsets.UTF_8)) {
        assertThat(firstLine(said)).isEqualTo("held");
      }
    }
  }

  @Test
  void shouldBeFreeWhereThereIsNoFile() {
    assertThat(RunLock.isHeld(folder.resolve("none"))).isFalse();
  }

  private static String firstLine(BufferedReader said) throws IOException {
    return String.valueOf(said.readLine());
  }

  private static void assertRefused(Path file, String holder) {
    assertThatExceptionOfType(InputError.class)
        .isThrownBy(() -> RunLock.take(file, "second").close())
        .withMessageContaining("this cluster is being worked on by " + holder)
        .withMessageContaining(file.toString());
  }
}
