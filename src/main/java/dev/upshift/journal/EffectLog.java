package dev.upshift.journal;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Clock;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;

/**
 * Every command, file and statement that changes something, one JSON object a line, written before
 * it happens. It is handed to the operating system at once but not forced to disk: the journal is
 * what recovery reads, this is what people read.
 */
public final class EffectLog implements AutoCloseable {
  private final Writer writer;

  /** One effect. */
  public record Effect(Instant at, String host, String what) {}

  /** Opens it for appending. */
  public EffectLog(Path file) {
    try {
      writer = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      Files.setPosixFilePermissions(
          file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new WorldError("this machine", "could not open " + file + ": " + e.getMessage(), "", e);
    }
  }

  /** Adds an effect. */
  public synchronized void append(String host, String what) {
    try {
      writer.write(Json.line(new Effect(Clock.system().now(), host, what)) + "\n");
      writer.flush();
    } catch (IOException e) {
      throw new WorldError(
          "this machine",
          "could not write the log of effects: " + e.getMessage(),
          "is the disk full?",
          e);
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
