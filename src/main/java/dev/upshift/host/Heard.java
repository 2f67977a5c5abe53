package dev.upshift.host;

import dev.upshift.time.Deadline;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeoutException;

/** What comes through one output of a remote shell, taken out piece by piece, byte for byte. */
final class Heard {
  private static final int ROOM = 16 * 1024;
  private byte[] bytes = new byte[ROOM];
  private int begin;
  private int end;
  private boolean over;

  /** Reads from now on. */
  Heard(InputStream stream) {
    // A platform thread: many virtual ones that read pipes pin their carriers and starve the rest.
    Thread.ofPlatform().daemon().start(() -> readAll(stream));
  }

  private void readAll(InputStream stream) {
    var piece = new byte[ROOM];
    try (stream) {
      for (int n = stream.read(piece); n >= 0; n = stream.read(piece)) {
        append(piece, n);
      }
    } catch (IOException e) {
      // The pipe was closed under us: it is the end all the same.
    }
    finish();
  }

  private synchronized void append(byte[] piece, int length) {
    if (begin == end) {
      begin = 0;
      end = 0;
    }
    if (end + length > bytes.length) {
      int used = end - begin;
      var room = used + length > bytes.length ? new byte[2 * (used + length)] : bytes;
      System.arraycopy(bytes, begin, room, 0, used);
      bytes = room;
      begin = 0;
      end = used;
    }
    System.arraycopy(piece, 0, bytes, end, length);
    end += length;
    notifyAll();
  }

  private synchronized void finish() {
    over = true;
    notifyAll();
  }

  /**
   * Takes what comes before this mark, and the mark.
   *
   * @throws EOFException when there is nothing more to come, and no mark
   * @throws TimeoutException when it has not come before the deadline
   */
  synchronized byte[] until(byte[] mark, Deadline deadline)
      throws EOFException, TimeoutException, InterruptedException {
    int from = 0;
    while (true) {
      int at = find(mark, begin + from);
      if (at >= 0) {
        var before = Arrays.copyOfRange(bytes, begin, at);
        begin = at + mark.length;
        return before;
      }
      from = Math.max(0, end - begin - mark.length + 1);
      if (over) {
        throw new EOFException();
      }
      if (deadline.passed()) {
        throw new TimeoutException();
      }
      waitFor(deadline.remaining());
    }
  }

  /** May wake up early; who waits looks again. */
  @SuppressWarnings("WaitNotInLoop")
  private void waitFor(Duration atMost) throws InterruptedException {
    wait(Math.max(1, atMost.toMillis()));
  }

  private int find(byte[] mark, int from) {
    for (int at = from; at <= end - mark.length; at++) {
      if (Arrays.equals(bytes, at, at + mark.length, mark, 0, mark.length)) {
        return at;
      }
    }
    return -1;
  }

  /** What has come and was not taken, as text. */
  synchronized String rest() {
    return new String(bytes, begin, end - begin, StandardCharsets.UTF_8);
  }

  /** Throws away what was not taken. */
  synchronized void forget() {
    begin = end;
  }

  /** Waits until nothing more comes, at most so long. */
  synchronized void awaitEnd(Deadline deadline) throws InterruptedException {
    while (!over && !deadline.passed()) {
      waitFor(deadline.remaining());
    }
  }
}
