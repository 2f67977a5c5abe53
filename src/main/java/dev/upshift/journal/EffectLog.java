package dev.upshift.journal;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Clock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/**
 * Every command, file and statement that changes something, one JSON object a line, written before
 * it happens. It is handed to the operating system at once but not forced to disk: the journal is
 * what recovery reads, this is what people read.
 *
 * <p>It is the audit log: each line carries a hash over itself and the line before, so that nobody
 * changes, adds or removes one in between unnoticed. That lines at the end are gone does not show.
 */
public final class EffectLog implements AutoCloseable {
  /** What stands before the first line. */
  private static final String BEGINNING = "upshift";

  private final Writer writer;
  private String last;

  /**
   * One effect.
   *
   * @param chain the hash (SHA-256, hexadecimal) over the line before and this one
   */
  public record Effect(Instant at, String host, String what, String chain) {}

  /** Opens it for appending; what a killed process had half written is cut off. */
  public EffectLog(Path file) {
    try {
      last = Files.exists(file) ? cutOffHalfLine(file) : BEGINNING;
      writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new WorldError("this machine", "could not open " + file + ": " + e.getMessage(), "", e);
    }
  }

  private static String cutOffHalfLine(Path file) throws IOException {
    var bytes = Files.readAllBytes(file);
    int end = endOfLines(bytes);
    if (end < bytes.length) {
      try (var open = new RandomAccessFile(file.toFile(), "rw")) {
        open.setLength(end);
      }
    }
    var lines = read(file);
    return lines.isEmpty()
        ? BEGINNING
        : Optional.ofNullable(Json.value(lines.getLast(), Effect.class).chain()).orElse(BEGINNING);
  }

  private static int endOfLines(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  /** Adds an effect. */
  public synchronized void append(String host, String what) {
    var at = Clock.system().now();
    try {
      var next = chain(last, at, host, what);
      writer.write(Json.line(new Effect(at, host, what, next)) + "\n");
      writer.flush();
      last = next;
    } catch (IOException e) {
      throw new WorldError(
          "this machine",
          "could not write the log of effects: " + e.getMessage(),
          "is the disk full?",
          e);
    }
  }

  private static String chain(String before, Instant at, String host, String what) {
    try {
      var hash = MessageDigest.getInstance("SHA-256");
      for (var part : List.of(before, at.toString(), host, what)) {
        var bytes = part.getBytes(StandardCharsets.UTF_8);
        hash.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        hash.update(bytes);
      }
      return HexFormat.of().formatHex(hash.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /**
   * What is wrong with a log: the first line that is not what was written there; empty where all
   * is.
   *
   * @throws WorldError when it cannot be read
   */
  public static Optional<String> wrong(Path file) {
    var before = BEGINNING;
    int number = 0;
    for (var line : read(file)) {
      number++;
      try {
        var effect = Json.value(line, Effect.class);
        if (!chain(before, effect.at(), effect.host(), effect.what()).equals(effect.chain())) {
          return Optional.of("line " + number + " was changed, or lines before it are gone");
        }
        before = effect.chain();
      } catch (JacksonException | NullPointerException e) {
        return Optional.of("line " + number + " is no effect");
      }
    }
    return Optional.empty();
  }

  /** How many effects a log has. */
  public static int count(Path file) {
    return read(file).size();
  }

  /** The effects of a log, in their order; none where there is no log. */
  public static List<Effect> effects(Path file) {
    return read(file).stream().map(line -> Json.value(line, Effect.class)).toList();
  }

  /** A half line at the end is being written, or was when its process was killed. */
  private static List<String> read(Path file) {
    try {
      if (!Files.exists(file)) {
        return List.of();
      }
      var bytes = Files.readAllBytes(file);
      return new String(bytes, 0, endOfLines(bytes), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new WorldError("this machine", "could not read " + file + ": " + e.getMessage(), "", e);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not close the log of effects: " + e.getMessage(), "", e);
    }
  }
}
