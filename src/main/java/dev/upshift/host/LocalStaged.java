package dev.upshift.host;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Objects;

/** A file's new content on this machine. */
final class LocalStaged implements Staged {
  private static final String SUFFIX = ".upshift";
  private static final long US = ProcessHandle.current().pid();

  private final String name;
  private final Witness witness;
  private final Path file;
  private final Path target;
  private final Path fresh;
  private final byte[] content;

  private LocalStaged(
      String name, Witness witness, Path file, Path target, Path fresh, byte[] content) {
    this.name = name;
    this.witness = witness;
    this.file = file;
    this.target = target;
    this.fresh = fresh;
    this.content = content;
  }

  /** Writes the content beside the file, or beside what the file is a link to. */
  static LocalStaged write(String name, Witness witness, OsUser user, Path file, byte[] content) {
    try {
      var target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
      removeStale(target);
      var fresh = Files.createTempFile(folder(target), prefix(target) + US + "-", SUFFIX);
      var staged = new LocalStaged(name, witness, file, target, fresh, content.clone());
      boolean written = false;
      try {
        write(fresh, content);
        user.likeOrOwn(fresh, target);
        if (!Arrays.equals(Files.readAllBytes(fresh), content)) {
          throw new IOException("what was written reads back as something else");
        }
        written = true;
      } finally {
        if (!written) {
          staged.close();
        }
      }
      return staged;
    } catch (IOException e) {
      throw failed(name, file, e);
    }
  }

  private static String prefix(Path target) {
    return "." + target.getFileName() + ".";
  }

  /** What a process that was killed has left here goes with the next one's work. */
  private static void removeStale(Path target) throws IOException {
    var prefix = prefix(target);
    try (var files = Files.list(folder(target))) {
      for (var file : files.toList()) {
        var name = file.getFileName().toString();
        if (name.startsWith(prefix) && name.endsWith(SUFFIX)) {
          var pid = name.substring(prefix.length()).replaceFirst("-.*", "");
          if (pid.matches("[0-9]{1,9}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
            Files.deleteIfExists(file);
          }
        }
      }
    }
  }

  private static Path folder(Path target) {
    return Objects.requireNonNull(target.getParent(), "a file has a folder");
  }

  private static void write(Path file, byte[] content) throws IOException {
    try (var channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
      var buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  @Override
  public void commit() {
    witness.effect(name, "replace " + file + " (" + content.length + " bytes)");
    try {
      moveOver();
      syncFolder(folder(target));
    } catch (IOException e) {
      throw failed(name, file, e);
    } finally {
      close();
    }
  }

  private void moveOver() throws IOException {
    try {
      Files.move(
          fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (FileSystemException e) {
      // A bind-mounted file (containers, ip netns exec) refuses the rename with EBUSY: write into
      // it.
      if (!Files.exists(target)) {
        throw e;
      }
      write(target, content);
    }
  }

  private static void syncFolder(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(fresh);
    } catch (IOException e) {
      throw failed(name, file, e);
    }
  }

  private static WorldError failed(String name, Path file, IOException e) {
    return LocalHost.failed(name, "could not replace " + file, e);
  }
}
