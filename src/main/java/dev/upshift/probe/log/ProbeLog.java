package dev.upshift.probe.log;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a probe wrote, as it stood when it was read. Reading disturbs nobody: it may be done while
 * the probe runs.
 *
 * @param token what the writers' names begin with; "" while no process has begun
 * @param processes those that wrote it, in order
 * @param attempts those that ended, in the order in which they were written
 * @param unanswered writes that were invoked and have no result: under way when the log was read,
 *     or when their probe was killed
 */
public record ProbeLog(
    String token,
    List<ProbeProcess> processes,
    List<Attempt> attempts,
    List<Unanswered> unanswered) {

  /** A write that was invoked and has no result. */
  public record Unanswered(Lane lane, long n, Instant intended) {}

  /**
   * Reads a log. A torn last line is left out.
   *
   * @throws IOException when it cannot be read, or is not a log of this version; the message names
   *     file and line
   */
  public static ProbeLog read(Path file) throws IOException {
    var reader = new LogReader(file);
    try (var in = Files.newInputStream(file);
        var lines = new WholeLines(in)) {
      for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
        reader.take(line.get());
      }
    }
    return reader.done();
  }

  /**
   * The probe that writes this log now, if one does: a tool that was killed and resumed finds it
   * here and goes on with it.
   */
  public Optional<ProcessHandle> running() {
    return processes.isEmpty() ? Optional.empty() : processes.getLast().running();
  }

  /** The writer's name in the ledger's rows. */
  public String writer(Lane lane) {
    return writer(token, lane);
  }

  static String writer(String token, Lane lane) {
    return token + "-" + lane.id();
  }

  /** Hands out lines that have their line end, and forgets what comes after the last of them. */
  private static final class WholeLines implements AutoCloseable {
    private final BufferedReader in;
    private final StringBuilder part = new StringBuilder();

    WholeLines(InputStream in) {
      this.in = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
    }

    Optional<String> next() throws IOException {
      part.setLength(0);
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c == '\n') {
          return Optional.of(part.toString());
        }
        part.append((char) c);
      }
      return Optional.empty();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
