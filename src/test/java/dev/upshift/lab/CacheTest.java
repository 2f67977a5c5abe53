package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {
  @TempDir private Path root;

  @Test
  void shouldLeaveNothingWhenFillingFails() throws Exception {
    var cache = new Cache(root);

    assertThatThrownBy(() ->
            cache.findOrFill(
                "pg",
                half -> {
                  write(half.resolve("file"), "half");
                  throw new IllegalStateException("broken off");
                }))
        .hasMessage("broken off");

    assertThat(cache.find("pg")).isEmpty();
    try (var files = Files.list(root)) {
      assertThat(files.map(path -> path.getFileName().toString())).containsExactly(".pg.lock");
    }
  }

  @Test
  void shouldNotUseWhatAKilledProcessLeftHalfFinished() throws Exception {
    Files.createDirectories(root.resolve(".pg.half/sub"));
    write(root.resolve(".pg.half/sub/file"), "half");
    var cache = new Cache(root);

    assertThat(cache.find("pg")).isEmpty();
    var folder = cache.findOrFill("pg", half -> write(half.resolve("file"), "whole"));

    assertThat(folder.resolve("file")).hasContent("whole");
    assertThat(folder.resolve("sub")).doesNotExist();
  }

  @Test
  void shouldFillOnceWhenTwoWantTheSame() throws Exception {
    var fills = new AtomicInteger();
    var inside = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    try (var threads = Executors.newFixedThreadPool(2)) {
      var first =
          threads.submit(() ->
              new Cache(root)
                  .findOrFill(
                      "pg",
                      half -> {
                        fills.incrementAndGet();
                        inside.countDown();
                        await(go);
                      }));
      await(inside);
      var second =
          threads.submit(() -> new Cache(root).findOrFill("pg", _ -> fills.incrementAndGet()));
      go.countDown();

      assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo(second.get(20, TimeUnit.SECONDS));
    }
    assertThat(fills).hasValue(1);
  }

  @Test
  void shouldLetOtherUsersReadAndExecuteWhatIsInIt() throws Exception {
    var folder =
        new Cache(root)
            .findOrFill(
                "pg",
                half -> {
                  write(half.resolve("program"), "x");
                  permit(half.resolve("program"), "rwx------");
                  permit(half, "rwx------");
                });

    assertThat(permissions(folder)).isEqualTo("rwxr-xr-x");
    assertThat(permissions(folder.resolve("program"))).isEqualTo("rwxr-xr-x");
  }

  @Test
  void shouldLieInVarForRootAndInTheUsersCacheFolderForOthers() {
    assertThat(Cache.usualRoot(Map.of("HOME", "/root", "XDG_CACHE_HOME", "/x"), "root"))
        .isEqualTo(Path.of("/var/cache/upshift"));
    assertThat(Cache.usualRoot(Map.of("HOME", "/home/a", "XDG_CACHE_HOME", "/x"), "a"))
        .isEqualTo(Path.of("/x/upshift"));
    assertThat(Cache.usualRoot(Map.of("HOME", "/home/a"), "a"))
        .isEqualTo(Path.of("/home/a/.cache/upshift"));
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void permit(Path file, String rights) {
    try {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
