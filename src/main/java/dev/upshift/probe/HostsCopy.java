package dev.upshift.probe;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A copy of another machine's hosts file, in which the probe looks names up as that machine's
 * clients do. It comes from a program (ssh) that says the file again and again, a zero byte behind
 * each; where that ends, because the machine is away, the copy stays as it was and the program is
 * started again. So it is where it says nothing any more.
 *
 * @param file the copy
 * @param program what says the file, as words
 */
public record HostsCopy(Path file, List<String> program) {
  /**
   * Says the file that is its name's place ($0), ten times a second, to a shell; one whose reader
   * is gone ends with its next word (SIGPIPE).
   */
  public static final String SAYING =
      "while cat \"$0\" && printf '\\000'; do sleep 0.1 || sleep 1 || exit; done";

  private static final long FIRST_SECONDS = 20;
  private static final long AGAIN_SECONDS = 1;
  private static final long SELDOM_SECONDS = 60;

  /**
   * A login over ssh may take that long, and not longer (ConnectTimeout, and some for the rest).
   */
  private static final long FIRST_WORD_SECONDS = 15;

  private static final long NEXT_WORD_SECONDS = 5;

  /** Keeps words from being changed. */
  public HostsCopy {
    program = List.copyOf(program);
  }

  /**
   * Keeps the copy up to date from now on, until it is closed; returns when it is there.
   *
   * @throws IOException when nothing has come in time
   */
  Keeping keep() throws IOException, InterruptedException {
    var keeping = new Keeping(this);
    keeping.begin();
    boolean came = keeping.first.await(FIRST_SECONDS, TimeUnit.SECONDS);
    if (!came || keeping.cannot.isPresent()) {
      keeping.close();
      throw new IOException(
          "no hosts file has come from '%s'%s"
              .formatted(
                  String.join(" ", program),
                  keeping.cannot.map(why -> ": " + why).orElse(" within " + FIRST_SECONDS + " s")));
    }
    return keeping;
  }

  /** The work of two threads: one reads, one ends a program that has fallen silent. */
  static final class Keeping implements AutoCloseable {
    private final HostsCopy copy;
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Optional<String> cannot = Optional.empty();
    private volatile Optional<Process> program = Optional.empty();
    private volatile long patientUntilNanos;
    private byte[] last = new byte[0];

    /** How often the file was said, and how often another than before. Under this object's lock. */
    private long said;

    private long changes;

    private Keeping(HostsCopy copy) {
      this.copy = copy;
    }

    private void begin() {
      waitAtMost(FIRST_WORD_SECONDS);
      Thread.ofPlatform().daemon().name("hosts").start(this::run);
      Thread.ofPlatform().daemon().name("hosts-watch").start(this::watch);
    }

    /** Whoever refuses our logins is asked less and less often. */
    private void run() {
      long pause = AGAIN_SECONDS;
      try {
        do {
          pause = copyOnce() ? AGAIN_SECONDS : Math.min(2 * pause, SELDOM_SECONDS);
        } while (!closed.await(pause, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void watch() {
      try {
        while (!closed.await(AGAIN_SECONDS, TimeUnit.SECONDS)) {
          if (System.nanoTime() - patientUntilNanos > 0) {
            program.ifPresent(Process::destroy);
          }
        }
        program.ifPresent(Process::destroy);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void waitAtMost(long seconds) {
      patientUntilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    /** Until the program ends; whether it said the file. */
    private boolean copyOnce() {
      waitAtMost(FIRST_WORD_SECONDS);
      program = started();
      if (closed.getCount() == 0) {
        program.ifPresent(Process::destroy);
      }
      if (program.isEmpty()) {
        return false;
      }
      boolean hasSaid = false;
      try (var said = new BufferedInputStream(program.get().getInputStream())) {
        while (copyNext(said)) {
          hasSaid = true;
          waitAtMost(NEXT_WORD_SECONDS);
          first.countDown();
          count();
        }
      } catch (IOException e) {
        // We are about to end; or the disk is full, and then the log beside the copy ends the
        // probe.
      } finally {
        program.get().destroy();
      }
      return hasSaid;
    }

    private Optional<Process> started() {
      var builder = new ProcessBuilder(copy.program());
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);
      // Also a jump host's ssh, which does not know of BatchMode, must not open a window.
      builder.environment().put("SSH_ASKPASS_REQUIRE", "never");
      try {
        return Optional.of(builder.start());
      } catch (IOException e) {
        cannot = Optional.ofNullable(e.getMessage());
        first.countDown();
        return Optional.empty();
      }
    }

    /** Whether there was a next one. */
    private boolean copyNext(InputStream said) throws IOException {
      var one = new ByteArrayOutputStream();
      for (int b = said.read(); b >= 0; b = said.read()) {
        if (b == 0) {
          replace(one.toByteArray());
          return true;
        }
        one.write(b);
      }
      return false;
    }

    /** By a rename: whoever looks a name up meanwhile reads the one or the other. */
    private void replace(byte[] text) throws IOException {
      if (first.getCount() == 0 && Arrays.equals(text, last)) {
        return;
      }
      var folder = Objects.requireNonNull(copy.file().getParent(), "a file has a folder");
      var fresh = folder.resolve(copy.file().getFileName() + ".new");
      Files.write(fresh, text);
      Files.move(fresh, copy.file(), StandardCopyOption.ATOMIC_MOVE);
      last = text;
      synchronized (this) {
        changes++;
      }
    }

    private synchronized void count() {
      said++;
      notifyAll();
    }

    /** How often it has become another. */
    synchronized long changes() {
      return changes;
    }

    /** Waits for a copy that was read from the file after now, at most so long. */
    synchronized void awaitLaterOne(Duration limit) throws InterruptedException {
      long until = System.nanoTime() + limit.toNanos();
      long later = said + 2; // the next one may have been read already, and be on its way
      for (long left = limit.toMillis();
          said < later && left > 0;
          left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())) {
        wait(left);
      }
    }

    @Override
    public void close() {
      closed.countDown();
      program.ifPresent(Process::destroy);
    }
  }
}
