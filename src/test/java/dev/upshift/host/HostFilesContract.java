package dev.upshift.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a machine: replaced whole or not at all, and still the same people's. */
abstract class HostFilesContract {
  private final List<String> effects = new ArrayList<>();
  private final Host host = host("web1", (where, what) -> effects.add(what));
  @TempDir protected Path folder;

  /** The machine under test. */
  abstract Host host(String name, Witness witness);

  @Test
  void shouldKeepModeAndOwnerOfAFileThatItReplaces() throws IOException {
    var file = Files.writeString(folder.resolve("hosts"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r-x"));
    boolean root = System.getProperty("user.name").equals("root");
    if (root) {
      Files.setAttribute(file, "unix:uid", 12_345);
      Files.setAttribute(file, "unix:gid", 23_456);
    }
    host.replaceText(file, "new");
    assertThat(file).hasContent("new");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r-x");
    assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(root ? 12_345 : uid(folder));
    assertThat(Files.getAttribute(file, "unix:gid"))
        .isEqualTo(root ? 23_456 : Files.getAttribute(folder, "unix:gid"));
    assertThat(names()).containsExactly("hosts");
    assertThat(effects).containsExactly("replace " + file + " (3 bytes)");
  }

  private static Object uid(Path path) throws IOException {
    return Files.getAttribute(path, "unix:uid");
  }

  @Test
  void shouldMakeANewFileThatOnlyItsOwnerReads() throws IOException {
    var file = folder.resolve("passfile");
    host.replaceSecret(file, "s3cret");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(effects).noneMatch(effect -> effect.contains("s3cret"));
  }

  @Test
  void shouldShowReadersTheOldOrTheNewFileAndNothingBetween() throws Exception {
    var file = Files.writeString(folder.resolve("hosts"), "a".repeat(300_000));
    var running = new AtomicBoolean(true);
    var seen = new TreeSet<String>();
    var reader =
        Thread.ofPlatform()
            .start(() -> {
              while (running.get()) {
                seen.add(shape(file));
              }
            });
    for (int i = 0; i < 60; i++) {
      host.replaceText(file, (i % 2 == 0 ? "b" : "a").repeat(300_000));
    }
    running.set(false);
    reader.join();
    assertThat(seen).isSubsetOf("300000 a", "300000 b").isNotEmpty();
  }

  private static String shape(Path file) {
    try {
      var text = Files.readString(file);
      return text.length()
          + " "
          + text.chars().distinct().mapToObj(Character::toString).toList().getFirst();
    } catch (IOException | RuntimeException e) {
      return e.toString();
    }
  }

  @Test
  void shouldReplaceTheTargetOfALinkAndNotTheLink() throws IOException {
    var target =
        Files.writeString(Files.createDirectory(folder.resolve("real")).resolve("hosts"), "old");
    var link = Files.createSymbolicLink(folder.resolve("hosts"), target);
    host.replaceText(link, "new");
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(target).hasContent("new");
  }

  @Test
  void shouldLetAStagedContentBeSeenWhenItIsCommitted() throws IOException {
    var file = Files.writeString(folder.resolve("hosts"), "old");
    try (var staged = host.stage(file, "new".getBytes(UTF_8))) {
      assertThat(file).hasContent("old");
      assertThat(effects).isEmpty();
      staged.commit();
      assertThat(file).hasContent("new");
    }
    assertThat(file).hasContent("new");
    assertThat(names()).containsExactly("hosts");
    assertThat(effects).containsExactly("replace " + file + " (3 bytes)");
  }

  @Test
  void shouldLeaveNothingOfAStagedContentThatIsNotCommitted() throws IOException {
    var file = Files.writeString(folder.resolve("hosts"), "old");
    host.stage(file, "new".getBytes(UTF_8)).close();
    host.stage(folder.resolve("other"), "new".getBytes(UTF_8)).close();
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("hosts");
    assertThat(effects).isEmpty();
  }

  @Test
  void shouldWriteAndReadEveryByte() {
    var bytes = new byte[200_000];
    new java.util.Random(5).nextBytes(bytes);
    for (int i = 0; i < 512; i++) {
      bytes[i] = (byte) (i / 2);
    }
    for (var content : List.of(new byte[0], bytes)) {
      host.replace(folder.resolve("f"), content);
      assertThat(folder.resolve("f")).hasBinaryContent(content);
      assertThat(host.read(folder.resolve("f")).orElseThrow()).isEqualTo(content);
    }
  }

  @Test
  void shouldSayWhichFileCouldNotBeReplaced() {
    var file = folder.resolve("no/such/folder/hosts");
    assertThatExceptionOfType(WorldError.class)
        .isThrownBy(() -> host.replaceText(file, "x"))
        .withMessageStartingWith("web1: could not replace " + file);
  }

  @Test
  void shouldReadNothingWhereThereIsNothing() {
    assertThat(host.read(folder.resolve("none"))).isEqualTo(Optional.empty());
    assertThat(host.list(folder.resolve("none"))).isEmpty();
    assertThat(host.exists(folder.resolve("none"))).isFalse();
    assertThat(host.freeBytes(folder.resolve("none/at/all"))).isPositive();
    host.remove(folder.resolve("none"));
    assertThat(effects).isEmpty();
  }

  @Test
  void shouldMakeMoveAndRemoveFolders() throws IOException {
    var made = folder.resolve("a/b");
    host.makeFolder(made);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
        .isEqualTo("rwx------");
    Files.writeString(made.resolve("-rf *"), "x");
    host.move(made, folder.resolve("c d"));
    assertThat(host.list(folder.resolve("c d"))).containsExactly("-rf *");
    host.remove(folder.resolve("c d"));
    assertThat(names()).containsExactly("a");
  }

  private List<String> names() {
    return host.list(folder);
  }
}
