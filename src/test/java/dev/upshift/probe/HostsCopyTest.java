package dev.upshift.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostsCopyTest {
  @TempDir private Path folder;

  private Path theirs() {
    return folder.resolve("their hosts");
  }

  private HostsCopy copy() {
    return new HostsCopy(
        folder.resolve("copy"), List.of("sh", "-c", HostsCopy.SAYING, theirs().toString()));
  }

  private void write(String text) throws IOException {
    Files.writeString(folder.resolve("fresh"), text);
    Files.move(folder.resolve("fresh"), theirs(), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private boolean copyIs(String text) {
    try {
      return Files.readString(folder.resolve("copy")).equals(text);
    } catch (IOException e) {
      return false;
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    assertThat(Deadline.in(Duration.ofSeconds(20)).until(Duration.ofMillis(20), condition))
        .as(what)
        .isTrue();
  }

  private static Stream<ProcessHandle> programs() {
    return ProcessHandle.current().children();
  }

  @Test
  void shouldFollowTheFileAndItsProgramsEnd() throws Exception {
    write("10.0.0.1 db1.internal\n");
    var before = programs().toList();
    try (var _ = copy().keep()) {
      assertThat(copyIs("10.0.0.1 db1.internal\n")).isTrue();
      write("10.0.0.4 db1.internal\n");
      await("the copy follows", () -> copyIs("10.0.0.4 db1.internal\n"));

      programs().filter(one -> !before.contains(one)).forEach(ProcessHandle::destroyForcibly);
      assertThat(copyIs("10.0.0.4 db1.internal\n")).as("the copy stays").isTrue();
      write("10.0.0.1 db1.internal\n# again\n");
      await("it is asked for again", () -> copyIs("10.0.0.1 db1.internal\n# again\n"));
    }
    await("its program ends", () -> programs().allMatch(before::contains));
  }

  /** Silent after its first word each time; the next program takes its time to say one. */
  @Test
  void shouldEndAProgramThatFallsSilentAndLetASlowOneCome() throws Exception {
    write("first");
    var slow =
        "test -e \"$0.once\" && sleep 2.5; touch \"$0.once\"; cat \"$0\"; printf '\\000'; exec sleep 60";
    var copy =
        new HostsCopy(folder.resolve("copy"), List.of("sh", "-c", slow, theirs().toString()));
    try (var _ = copy.keep()) {
      write("second");
      await("what another program says", () -> copyIs("second"));
    }
  }

  @Test
  void shouldSayWhyThereIsNoCopy() {
    var nobody = new HostsCopy(folder.resolve("copy"), List.of("/no/such/program"));
    assertThatThrownBy(nobody::keep)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No such file or directory");
  }
}
