package dev.upshift.host;

import dev.upshift.time.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeoutException;

/**
 * A shell that is kept open on a machine: what it is to do is written to it, and the answer read
 * back, so that no process is started here and no more than needed there. Does one thing at a time.
 */
final class SshShell implements AutoCloseable {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final byte[] LINE_END = {'\n'};
  private static final Duration END_LIMIT = Duration.ofSeconds(2);
  private static final Duration LAST_WORDS = Duration.ofMillis(500);

  /** Fits into the pipe of a shell that has read everything before: the write does not block. */
  private static final int WRITTEN_AT_ONCE = 32 * 1024;

  private final Process process;
  private final Heard out;
  private final Heard err;
  private String pid = "";

  private SshShell(Process process) {
    this.process = process;
    this.out = new Heard(process.getInputStream());
    this.err = new Heard(process.getErrorStream());
  }

  /**
   * A shell on this process, ready to be used; what the machine says to everybody who logs in is
   * skipped.
   *
   * @throws Unanswered when the process ends, with what it said
   * @throws TimeoutException when the shell does not answer before the deadline
   */
  static SshShell on(Process process, Deadline deadline)
      throws Unanswered, TimeoutException, InterruptedException {
    var shell = new SshShell(process);
    boolean able = false;
    try {
      var answer = shell.answer(ShellText.prelude(), deadline);
      shell.pid = answer.text().strip().lines().toList().getLast();
      able = answer.ok();
      if (!able) {
        throw new Unanswered(
            Unanswered.Kind.LOST_BEFORE, "its sh lacks a printf or a test -ef of its own");
      }
      return shell;
    } finally {
      if (!able) {
        shell.close();
      }
    }
  }

  /** Its process id on its machine. */
  String pid() {
    return pid;
  }

  /**
   * Sends a text and waits for its answer. Any exception leaves a shell that cannot be used again.
   *
   * @throws Unanswered when it ended before the answer was complete
   * @throws TimeoutException when the answer was not complete before the deadline
   */
  Answer answer(ShellText text, Deadline deadline)
      throws Unanswered, TimeoutException, InterruptedException {
    var word = new byte[16];
    RANDOM.nextBytes(word);
    var mark = HexFormat.of().formatHex(word);
    out.forget();
    if (!pid.isEmpty()) {
      err.forget();
    }
    send(text.with(mark).getBytes(StandardCharsets.UTF_8));
    try {
      return read(mark.getBytes(StandardCharsets.US_ASCII), deadline);
    } catch (EOFException e) {
      throw new Unanswered(Unanswered.Kind.LOST, lastWords());
    }
  }

  private Answer read(byte[] mark, Deadline deadline)
      throws EOFException, TimeoutException, InterruptedException {
    var said = new ByteArrayOutputStream();
    said.writeBytes(out.until(mark, deadline));
    var rest = rest(deadline);
    boolean started = !rest.equals("!");
    if (!started) {
      said.writeBytes(out.until(mark, deadline));
      rest = rest(deadline);
    }
    int exit = Integer.parseInt(rest);
    said.writeBytes(out.until(mark, deadline));
    boolean clean = rest(deadline).equals("clean");
    var errors = new ByteArrayOutputStream();
    for (int marks = 0; marks < 2; marks++) {
      errors.writeBytes(err.until(mark, deadline));
      err.until(LINE_END, deadline);
    }
    return new Answer(exit, said.toByteArray(), errors.toByteArray(), started, clean);
  }

  /** What stands behind a mark on its line. */
  private String rest(Deadline deadline)
      throws EOFException, TimeoutException, InterruptedException {
    return new String(out.until(LINE_END, deadline), StandardCharsets.US_ASCII).strip();
  }

  /** A long text in a thread of its own: a connection that is stuck must not outlast the limit. */
  private void send(byte[] text) {
    if (text.length <= WRITTEN_AT_ONCE) {
      write(text);
    } else {
      Thread.ofPlatform().daemon().start(() -> write(text));
    }
  }

  private void write(byte[] text) {
    try {
      var in = process.getOutputStream();
      in.write(text);
      in.flush();
    } catch (IOException e) {
      // It has ended; so has what it says, which is noticed where the answer is read.
    }
  }

  /** What ssh said when it ended. */
  private String lastWords() throws InterruptedException {
    err.awaitEnd(Deadline.in(LAST_WORDS));
    return err.rest().strip();
  }

  /** What was said on its errors that belongs to no answer: ssh's own words. */
  String aside() {
    return err.rest();
  }

  boolean isOpen() {
    return process.isAlive();
  }

  /** Ends the session: the shell on the other side sees the end of its input. */
  @Override
  public void close() {
    process.destroy();
    boolean interrupted = Thread.interrupted();
    try {
      if (!process.waitFor(END_LIMIT)) {
        process.destroyForcibly();
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
