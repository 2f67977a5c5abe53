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

/**
 * At most one process works on a cluster from one state folder. The operating system lets go of the
 * lock when its holder dies, so a stale one cannot be; the file's text only says who holds it.
 */
public final class RunLock implements AutoCloseable {
  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes the lock.
   *
   * @throws InputError naming the holder, when another process has it
   */
  public static RunLock take(Path file, String holder) {
    try {
      var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
      var options =
          EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      var channel = FileChannel.open(file, options, mode);
      if (!locked(channel)) {
        channel.close();
        throw new InputError(
            "this cluster is being worked on by "
                + Files.readString(file).strip()
                + " ("
                + file
                + ")",
            "wait until it has ended, or watch it: upshift status");
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((holder + "\n").getBytes(StandardCharsets.UTF_8)));
      return new RunLock(channel);
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not take the lock " + file + ": " + e.getMessage(), "", e);
    }
  }

  /** Whether some process holds the lock now. */
  public static boolean isHeld(Path file) {
    if (!Files.exists(file)) {
      return false;
    }
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return !locked(channel);
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not look at the lock " + file + ": " + e.getMessage(), "", e);
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
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not let go of the lock: " + e.getMessage(), "", e);
    }
  }
}
