package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Folders that are expensive to make and stay on this machine. A folder is there completely or not
 * at all: it is filled under another name and renamed. Two processes that want the same one do not
 * collide, and everybody on the machine may read it, since servers run as another user.
 */
final class Cache {
  private static final long LEAST_FREE_BYTES = 1L << 30;
  private static final Duration LOCK_LIMIT = Duration.ofMinutes(15);
  private final Path root;

  Cache(Path root) {
    this.root = root;
  }

  /** /var/cache/upshift as root, else upshift in the user's cache folder. */
  static Path usualRoot(Map<String, String> environment, String user) {
    if (user.equals("root")) {
      return Path.of("/var/cache/upshift");
    }
    var xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (xdg.startsWith("/")) {
      return Path.of(xdg, "upshift");
    }
    return Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")))
        .resolve(".cache/upshift");
  }

  /** The folder of that name, if it is there completely. */
  Optional<Path> find(String name) {
    var folder = root.resolve(name);
    return Files.isDirectory(folder) ? Optional.of(folder) : Optional.empty();
  }

  /** Where the folder of that name is or will be. */
  Path place(String name) {
    return root.resolve(name);
  }

  /**
   * The folder of that name; if it is not there, {@code fill} is handed an empty one that takes its
   * place once it returns.
   *
   * @throws WorldError when there is no room, or another process fills it and does not end
   */
  Path findOrFill(String name, Consumer<Path> fill) {
    var there = find(name);
    if (there.isPresent()) {
      return there.get();
    }
    return locked(name, () -> find(name).orElseGet(() -> fill(name, fill)));
  }

  /** Does something while no other process or thread does anything under the same name. */
  <T> T locked(String name, Supplier<T> action) {
    var file = root.resolve("." + name + ".lock");
    makeFolder(root);
    try (var channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      var lock = lock(channel, file);
      try {
        return action.get();
      } finally {
        lock.release();
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private Path fill(String name, Consumer<Path> fill) {
    var half = root.resolve("." + name + ".half");
    try {
      delete(half); // left by a process that was killed; we hold the lock, so nobody fills it now
      requireRoom();
      makeFolder(half);
      fill.accept(half);
      openToReaders(half);
      return Files.move(half, root.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw unusable(e);
    } finally {
      delete(half);
    }
  }

  private static FileLock lock(FileChannel channel, Path file) {
    var held =
        new Object() {
          @Nullable FileLock lock;
        };
    Deadline.in(LOCK_LIMIT)
        .until(
            Duration.ofMillis(100),
            () -> {
              held.lock = tryLock(channel);
              return held.lock != null;
            });
    var lock = held.lock;
    if (lock == null) {
      throw new WorldError(
          "this machine",
          "another process has held %s for %d minutes".formatted(file, LOCK_LIMIT.toMinutes()),
          "end that process ('fuser " + file + "' names it), then try again");
    }
    return lock;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another thread of ours has it
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void requireRoom() throws IOException {
    long free = Files.getFileStore(root).getUsableSpace();
    if (free < LEAST_FREE_BYTES) {
      throw new WorldError(
          "this machine",
          "only %d MB are free at %s, 1 GB is needed".formatted(free >> 20, root),
          "make room there, or as a normal user set XDG_CACHE_HOME to a place with room");
    }
  }

  private void makeFolder(Path folder) {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private static void openToReaders(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (var path : (Iterable<Path>) paths::iterator) {
        if (Files.isSymbolicLink(path)) {
          continue;
        }
        var rights = EnumSet.copyOf(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
        rights.add(PosixFilePermission.GROUP_READ);
        rights.add(PosixFilePermission.OTHERS_READ);
        if (rights.contains(PosixFilePermission.OWNER_EXECUTE)) {
          rights.add(PosixFilePermission.GROUP_EXECUTE);
          rights.add(PosixFilePermission.OTHERS_EXECUTE);
        }
        Files.setPosixFilePermissions(path, rights);
      }
    }
  }

  /** Deletes a folder and all in it, if it is there; links are deleted, never followed. */
  static void delete(Path folder) {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (var paths = Files.walk(folder)) {
      for (var path : (Iterable<Path>) paths.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }

  private WorldError unusable(IOException cause) {
    return new WorldError(
        "this machine",
        "the cache %s cannot be used: %s".formatted(root, cause),
        "make it writable for this user, or set XDG_CACHE_HOME to another place",
        cause);
  }
}
