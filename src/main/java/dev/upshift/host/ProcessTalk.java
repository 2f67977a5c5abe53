package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A talk with a program whose input and output are those of a process of this machine. Behind each
 * line the program is told to print a word of ours that is used once; what comes before that word
 * is the answer.
 */
final class ProcessTalk implements Talk {
  private static final Duration END_LIMIT = Duration.ofSeconds(2);
  private static final int LAST_LINES = 4;
  private static final Pattern WORD = Pattern.compile("upshift-[0-9]+");

  private final String host;
  private final Command command;
  private String echo;
  private final Witness witness;
  private final Process process;
  private final BlockingQueue<Optional<String>> said = new LinkedBlockingQueue<>();
  private final ArrayDeque<String> last = new ArrayDeque<>();
  private Runnable end = () -> {};
  private volatile boolean over;
  private long count;

  /** A talk with a process whose errors go to its ordinary output. */
  ProcessTalk(String host, Command command, String echo, Witness witness, Process process) {
    this.host = host;
    this.command = command;
    this.echo = echo;
    this.witness = witness;
    this.process = process;
    Thread.ofPlatform().daemon().start(this::listen);
  }

  /** Nothing in the queue stands for the end. */
  private void listen() {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        said.add(Optional.of(line));
      }
    } catch (IOException e) {
      // The pipe was closed under us, as close() does: it is the end all the same.
    }
    over = true;
    said.add(Optional.empty());
  }

  @Override
  public String ask(String line, Deadline deadline) {
    var word = "upshift-" + ++count;
    send(line + "\n" + echo.formatted(word) + "\n");
    var answer = new ArrayList<String>();
    while (true) {
      var next = next(line, deadline);
      if (next.equals(word)) {
        return String.join("\n", answer);
      }
      if (WORD.matcher(next).matches()) {
        answer.clear(); // it ends the answer to an earlier line, for which nobody waits any longer
      } else {
        answer.add(next);
      }
    }
  }

  @Override
  public Optional<String> tell(String line, Deadline deadline) {
    witness.effect(host, line + "  > " + command);
    return Optional.of(ask(line, deadline));
  }

  /**
   * Tells a shell to become another program, from which the answers come from now on. A shell reads
   * ahead: what is for the program is sent only when the shell has begun with its last line.
   *
   * @param line makes it do so
   * @param newEcho makes the new program print a word
   * @param whenClosed ends what the end of our process does not end
   */
  void become(String line, String newEcho, Runnable whenClosed, Deadline deadline) {
    var word = "upshift-" + ++count;
    send(echo.formatted(word) + "; " + line + "\n");
    var said = next(line, deadline);
    while (!said.equals(word)) {
      said = next(line, deadline);
    }
    last.clear();
    echo = newEcho;
    end = whenClosed;
  }

  private void send(String text) {
    try {
      var out = process.getOutputStream();
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      // A program that has ended: what it said last tells why, and is read up to the end.
    }
  }

  private String next(String line, Deadline deadline) {
    try {
      var next = said.poll(Math.max(1, deadline.remaining().toNanos()), TimeUnit.NANOSECONDS);
      if (next == null) {
        throw new WorldError(
            host,
            "no answer to '%s' within %d ms".formatted(line, deadline.length().toMillis()),
            "is what '" + command + "' talks to overloaded, or stopped?");
      }
      if (next.isEmpty()) {
        said.add(next); // the end stays the end
        throw new WorldError(host, "'" + command + "' has ended" + String.join("", last), "");
      }
      last.addLast("\n  " + next.get());
      if (last.size() > LAST_LINES) {
        last.removeFirst();
      }
      return next.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorldError(host, "'" + line + "' was interrupted", "", e);
    }
  }

  @Override
  public boolean isOpen() {
    return !over && process.isAlive();
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      end.run();
    }
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    // Whoever is interrupted waits, too: what comes next may depend on the program being gone.
    boolean interrupted = Thread.interrupted();
    try {
      if (!process.waitFor(END_LIMIT)) {
        process.destroyForcibly().waitFor(END_LIMIT);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
