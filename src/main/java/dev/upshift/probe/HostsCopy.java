package dev.upshift.probe;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
  private static final long SILENT_SECONDS = 5;

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
    private volatile long saidNanos = System.nanoTime();
    private byte[] last = new byte[0];

    private Keeping(HostsCopy copy) {
      this.copy = copy;
    }

    private void begin() {
      Thread.ofPlatform().daemon().name("hosts").start(this::run);
      Thread.ofPlatform().daemon().name("hosts-watch").start(this::watch);
    }

    /** Whoever refuses our logins is asked less and less often. */
    private void run() {
      long pause = AGAIN_SECONDS;
      try {
        do {
          long before = saidNanos;
          copyOnce();
          pause = saidNanos == before ? Math.min(2 * pause, SELDOM_SECONDS) : AGAIN_SECONDS;
        } while (!closed.await(pause, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void watch() {
      try {
        while (!closed.await(AGAIN_SECONDS, TimeUnit.SECONDS)) {
          if (TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - saidNanos) > SILENT_SECONDS
              && first.getCount() == 0) {
            program.ifPresent(Process::destroy);
          }
        }
        program.ifPresent(Process::destroy);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** Until the program ends. */
    private void copyOnce() {
      program = started();
      if (closed.getCount() == 0) {
        program.ifPresent(Process::destroy);
      }
      if (program.isEmpty()) {
        return;
      }
      try (var said = new BufferedInputStream(program.get().getInputStream())) {
        follow(said);
      } catch (IOException e) {
        // We are about to end; or the disk is full, and then the log beside the copy ends the
        // probe.
      } finally {
        program.get().destroy();
      }
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

    private void follow(InputStream said) throws IOException {
      var one = new ByteArrayOutputStream();
      for (int b = said.read(); b >= 0; b = said.read()) {
        if (b != 0) {
          one.write(b);
          continue;
        }
        replace(one.toByteArray());
        one.reset();
        saidNanos = System.nanoTime();
        first.countDown();
      }
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
    }

    @Override
    public void close() {
      closed.countDown();
      program.ifPresent(Process::destroy);
    }
  }
}
