package dev.upshift.journal;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * At most one process works on a cluster from one state folder. The operating system lets go of the
 * lock when its holder dies, so a stale one cannot be; the file's text only says who holds it.
 */
public final class RunLock implements AutoCloseable {
  /**
   * What this process holds, with its holders' names. A lock of POSIX is the process's, and is gone
   * when the process closes any descriptor of that file (fcntl(2)): so a file that we hold is never
   * opened again.
   */
  private static final Map<Path, String> OURS = new ConcurrentHashMap<>();

  private final FileChannel channel;
  private final Path key;

  private RunLock(FileChannel channel, Path key) {
    this.channel = channel;
    this.key = key;
  }

  /**
   * Takes the lock.
   *
   * @throws InputError naming the holder, when another process has it
   */
  public static RunLock take(Path file, String holder) {
    try {
      var key = key(file);
      var ours = OURS.putIfAbsent(key, holder);
      if (ours != null) {
        throw refused(file, ours);
      }
      try {
        return new RunLock(lock(file, holder), key);
      } catch (IOException | RuntimeException e) {
        OURS.remove(key);
        throw e;
      }
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not take the lock " + file + ": " + e.getMessage(), "", e);
    }
  }

  private static FileChannel lock(Path file, String holder) throws IOException {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    var options =
        EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    var channel = FileChannel.open(file, options, mode);
    if (!locked(channel)) {
      channel.close();
      throw refused(file, Files.readString(file).strip());
    }
    channel.truncate(0);
    channel.write(ByteBuffer.wrap((holder + "\n").getBytes(StandardCharsets.UTF_8)));
    return channel;
  }

  private static InputError refused(Path file, String holder) {
    return new InputError(
        "this cluster is being worked on by " + holder + " (" + file + ")",
        "wait until it has ended, or watch it: upshift status");
  }

  private static Path key(Path file) throws IOException {
    var whole = file.toAbsolutePath();
    var folder = Objects.requireNonNull(whole.getParent(), "a file has a folder");
    return folder.toRealPath().resolve(Objects.requireNonNull(whole.getFileName()));
  }

  /** Whether some process holds the lock now. */
  public static boolean isHeld(Path file) {
    if (!Files.exists(file)) {
      return false;
    }
    try {
      return OURS.containsKey(key(file)) || isHeldByAnother(file);
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not look at the lock " + file + ": " + e.getMessage(), "", e);
    }
  }

  private static boolean isHeldByAnother(Path file) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return !locked(channel);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
      OURS.remove(key);
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not let go of the lock: " + e.getMessage(), "", e);
    }
  }
}
