package dev.upshift.probe.log;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Appends to a log: each line is one write to the kernel, so it outlives this process the moment
 * the method returns; a thread of its own forces the file to disk, off the attempts' path. Safe for
 * use by many threads.
 */
public final class ProbeLogWriter implements AutoCloseable {
  /** Half of what is promised (200 ms), since forcing takes time too. */
  private static final long SYNC_MILLIS = 100;

  /**
   * How many numbers a continuing process leaves out: a machine that lost power may have lost the
   * lines of the last moments, and their numbers stand in the ledger.
   */
  private static final long NUMBERS_LEFT_OUT = 1000;

  private final Path file;
  private final FileOutputStream out;
  private final FileLock lock;
  private final String token;
  private final Map<Lane, Long> firstNumbers;
  private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread syncer = new Thread(this::syncUntilClosed, "probe-log-sync");
  private volatile boolean dirty;

  private ProbeLogWriter(
      Path file, FileOutputStream out, FileLock lock, String token, Map<Lane, Long> firstNumbers) {
    this.file = file;
    this.out = out;
    this.lock = lock;
    this.token = token;
    this.firstNumbers = firstNumbers;
  }

  /**
   * Opens a log that is new, or goes on with one. Closes a torn last line.
   *
   * @throws IOException when it cannot be written, is no probe log, or another probe writes it
   */
  public static ProbeLogWriter open(Path file) throws IOException {
    boolean fresh = !Files.exists(file) || Files.size(file) == 0;
    long size = fresh ? 0 : Files.size(file);
    String token = fresh ? newToken() : "";
    Map<Lane, Long> numbers = new EnumMap<>(Lane.class);
    if (!fresh) {
      // Before the lock is taken: POSIX drops it when any descriptor of the file is closed.
      ProbeLog before = ProbeLog.read(file);
      token = before.token().isEmpty() ? newToken() : before.token();
      numbers.putAll(numbersAfter(before));
    }
    boolean torn = !fresh && !endsWithLineEnd(file);
    var out = new FileOutputStream(file.toFile(), true);
    try {
      FileLock lock = lock(file, out, size);
      var writer = new ProbeLogWriter(file, out, lock, token, numbers);
      if (fresh) {
        writer.append(LogFormat.VERSION_LINE);
      } else if (torn) {
        writer.append(LogFormat.TORN);
      }
      writer.syncer.setDaemon(true);
      writer.syncer.start();
      return writer;
    } catch (IOException | RuntimeException e) {
      out.close();
      throw e;
    }
  }

  private static FileLock lock(Path file, FileOutputStream out, long sizeWhenRead)
      throws IOException {
    try {
      FileLock lock = out.getChannel().tryLock();
      if (lock != null && Files.size(file) == sizeWhenRead) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      throw new IOException(file + ": another probe of this process writes it", e);
    }
    throw new IOException(file + ": another probe writes it");
  }

  private static boolean endsWithLineEnd(Path file) throws IOException {
    try (var in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(in.length() - 1);
      return in.read() == '\n';
    }
  }

  private static Map<Lane, Long> numbersAfter(ProbeLog log) {
    Map<Lane, Long> next = new EnumMap<>(Lane.class);
    log.attempts().forEach(a -> next.merge(a.lane(), a.n() + NUMBERS_LEFT_OUT, Math::max));
    log.unanswered().forEach(u -> next.merge(u.lane(), u.n() + NUMBERS_LEFT_OUT, Math::max));
    return next;
  }

  private static String newToken() {
    byte[] random = new byte[6];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** The first number of the lane that was never used in this log. */
  public long firstNumber(Lane lane) {
    return firstNumbers.getOrDefault(lane, 1L);
  }

  /** The writer's name in the ledger's rows. */
  public String writer(Lane lane) {
    return ProbeLog.writer(token, lane);
  }

  /** Writes this process's begin line, which says too that the probe is ready. */
  public void begin(Instant began, int rate) {
    ProcessHandle self = ProcessHandle.current();
    Instant started = self.info().startInstant().orElse(began);
    append(
        LogFormat.write(
            new LogFormat.Begin(
                self.pid(), LogFormat.micros(started), LogFormat.micros(began), token, rate)));
  }

  /** Writes that a write is about to be sent. */
  public void invoke(Lane lane, long n, long intendedMicros, long nowMicros) {
    append(LogFormat.write(new LogFormat.Invoke(lane, n, intendedMicros, nowMicros)));
  }

  /** Writes how an attempt ended; its process number is not written. */
  public void result(Attempt attempt) {
    append(LogFormat.write(new LogFormat.Result(attempt)));
  }

  /** Writes that this process ends of its own will. */
  public void end(Instant now, long ticksMicros) {
    append(LogFormat.write(new LogFormat.End(LogFormat.micros(now), ticksMicros)));
  }

  /** Whether the file still stands at its place: a log that was removed is read by nobody. */
  public boolean stillThere() {
    return Files.exists(file);
  }

  private void append(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.US_ASCII);
    IOException failed = failure.get();
    if (failed != null) {
      throw new UncheckedIOException(failed);
    }
    try {
      synchronized (out) {
        // One write to the kernel, as long as the line is shorter than the JDK's buffer (8 kB).
        out.write(bytes);
      }
      dirty = true;
    } catch (IOException e) {
      failure.compareAndSet(null, e);
      throw new UncheckedIOException(file + ": cannot be written", e);
    }
  }

  private void syncUntilClosed() {
    try {
      while (!closing.await(SYNC_MILLIS, TimeUnit.MILLISECONDS)) {
        sync();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    }
  }

  private void sync() throws IOException {
    if (dirty) {
      dirty = false;
      out.getFD().sync();
    }
  }

  /** Forces everything to disk and closes the log. */
  @Override
  public void close() throws IOException {
    closing.countDown();
    try {
      syncer.join(TimeUnit.SECONDS.toMillis(5));
      dirty = true;
      sync();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.release();
      out.close();
    }
    IOException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }
}
