package dev.upshift.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text files with one place changed. */
public final class Texts {
  private Texts() {}

  /** Copies a file with one place replaced; the place must be there exactly once. */
  public static Path copy(Path from, Path to, String old, String fresh) {
    try {
      var text = Files.readString(from);
      int at = text.indexOf(old);
      if (at < 0 || text.indexOf(old, at + 1) >= 0) {
        throw new IllegalArgumentException("stands not exactly once in " + from + ": " + old);
      }
      return Files.writeString(to, text.replace(old, fresh));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes the line out that begins so; there must be one. */
  public static Path withoutLine(Path file, String begin) {
    try {
      var lines = Files.readAllLines(file);
      if (!lines.removeIf(line -> line.strip().startsWith(begin.strip()))) {
        throw new AssertionError(file + " has no line that begins with " + begin);
      }
      return Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
