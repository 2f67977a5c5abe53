package dev.upshift.testing;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** What servers of a test's own have in common. */
public final class Throwaway {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Throwaway() {}

  /** A port of this address on which nobody listens. */
  public static int freePort(String address) throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
      return socket.getLocalPort();
    }
  }

  /** Waits for a process that is about to end, and gives its exit code. */
  static int awaitEnd(Process process) throws IOException {
    try {
      if (process.waitFor(LIMIT)) {
        return process.exitValue();
      }
      throw new IOException("process " + process.pid() + " does not end");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("waiting for process " + process.pid());
    }
  }

  /** Deletes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    all.forEach(Throwaway::deleteOne);
  }

  private static void deleteOne(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
