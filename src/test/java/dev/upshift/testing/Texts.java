package dev.upshift.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text files with one place changed. */
final class Texts {
  private Texts() {}

  /** Copies a file with one place replaced; the place must be there exactly once. */
  static Path copy(Path from, Path to, String old, String fresh) {
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
}
