package dev.upshift.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The tool as an operator has it: a process of its own, without a terminal. */
public final class ToolProcess {
  private final Process process;
  private final Path output;

  private ToolProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts it; what it says on both its streams is kept in a temporary file. */
  public static ToolProcess start(String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.upshift.Main"));
    command.addAll(List.of(arguments));
    try {
      var output = Files.createTempFile("upshift-tool", ".out");
      output.toFile().deleteOnExit();
      var builder = new ProcessBuilder(command).redirectErrorStream(true);
      var process = builder.redirectOutput(output.toFile()).start();
      process.getOutputStream().close();
      return new ToolProcess(process, output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts it and waits for its end. */
  public static ToolProcess run(Duration limit, String... arguments) {
    var tool = start(arguments);
    if (!tool.endsWithin(limit)) {
      tool.kill();
      throw new AssertionError(
          String.join(" ", arguments) + " did not end within " + limit + ":\n" + tool.said());
    }
    return tool;
  }

  /** Waits for its end, and says whether it came in time. */
  public boolean endsWithin(Duration limit) {
    try {
      return process.waitFor(Math.max(0, limit.toMillis()), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** SIGKILL to its JVM, to nothing else; returns when it is gone. */
  public void kill() {
    process.destroyForcibly();
    if (!endsWithin(Duration.ofSeconds(30))) {
      throw new AssertionError("process " + process.pid() + " does not die");
    }
  }

  /** Its exit code; only after its end. */
  public int exitCode() {
    return process.exitValue();
  }

  /** Whether it has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it has said so far. */
  public String said() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
