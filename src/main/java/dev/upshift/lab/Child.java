package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Runs one program of this machine to its end, in the C locale, with nothing on its input. */
final class Child {
  private static final int LAST_LINES = 8;

  /** What a program printed, both streams in one, and how it ended. */
  record Ended(List<String> command, int exitCode, List<String> lines) {
    boolean failed() {
      return exitCode != 0;
    }

    /** The last lines, in one. */
    String tail() {
      return String.join(
          " / ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    /**
     * Itself.
     *
     * @throws WorldError when the program failed
     */
    Ended orFail(String hint) {
      if (failed()) {
        throw new WorldError(
            "this machine",
            "'%s' ended with exit code %d: %s"
                .formatted(String.join(" ", command), exitCode, tail()),
            hint);
      }
      return this;
    }
  }

  private Child() {}

  static Ended run(List<String> command, Duration limit) {
    return run(command, Path.of("/"), limit, _ -> {});
  }

  /**
   * Runs the program; at the limit it is killed.
   *
   * @param onLine told every line as it comes
   * @throws WorldError when it cannot be started or did not end in time
   */
  static Ended run(List<String> command, Path folder, Duration limit, Consumer<String> onLine) {
    var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    builder.environment().remove("LANGUAGE");
    var timedOut = new AtomicBoolean();
    try {
      var process = builder.start();
      process.getOutputStream().close();
      var watched =
          process
              .onExit()
              .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
              .exceptionally(failure -> killLate(process, failure, timedOut));
      var lines = readAll(process, onLine);
      watched.join();
      if (timedOut.get()) {
        throw new WorldError(
            "this machine",
            "'%s' did not end within %d s".formatted(command.getFirst(), limit.toSeconds()),
            "see whether the machine or its network is overloaded, then try again");
      }
      return new Ended(command, process.onExit().join().exitValue(), lines);
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "'" + command.getFirst() + "' cannot be run: " + e.getMessage(), "", e);
    }
  }

  private static Process killLate(Process process, Throwable failure, AtomicBoolean timedOut) {
    if (failure instanceof TimeoutException) {
      timedOut.set(true);
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    return process.destroyForcibly();
  }

  private static List<String> readAll(Process process, Consumer<String> onLine) {
    var lines = new ArrayList<String>();
    try (var reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        onLine.accept(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(lines);
  }
}
