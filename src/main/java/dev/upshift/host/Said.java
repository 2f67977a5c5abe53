package dev.upshift.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a program says on one of its outputs. It is over when the output is closed; or, once the
 * program has ended, when nothing more comes: a server that it left behind may keep the output open
 * for ever.
 */
final class Said {
  private static final Duration SILENCE = Duration.ofMillis(300);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Thread reader;
  private volatile @Nullable IOException failure;

  /** Reads from now on. */
  Said(InputStream stream) {
    // A platform thread: many virtual ones that read pipes pin their carriers and starve the rest.
    reader = Thread.ofPlatform().daemon().start(() -> read(stream));
  }

  private void read(InputStream stream) {
    try (stream) {
      stream.transferTo(bytes);
    } catch (IOException e) {
      failure = e;
    }
  }

  /** All of it, after the program has ended. */
  String text() throws IOException, InterruptedException {
    int before = -1;
    while (!reader.join(SILENCE) && bytes.size() != before) {
      before = bytes.size();
    }
    if (failure != null) {
      throw failure;
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
