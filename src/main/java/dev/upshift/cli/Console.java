package dev.upshift.cli;

import java.io.PrintStream;
import java.util.Scanner;

/**
 * The terminal, or what stands in its place: the only place that prints. Progress goes to standard
 * error, results to standard output.
 */
public final class Console {
  private final PrintStream out;
  private final PrintStream err;
  private final boolean live;
  private String status = "";

  private Console(PrintStream out, PrintStream err, boolean live) {
    this.out = out;
    this.err = err;
    this.live = live;
  }

  /** This process's own; live where standard error is a terminal that can move its cursor. */
  public static Console ofProcess() {
    var term = System.getenv().getOrDefault("TERM", "dumb");
    var live = isTerminal() && !term.equals("dumb");
    return new Console(System.out, System.err, live);
  }

  /** Whether somebody sits at it. */
  boolean hasTerminal() {
    return isTerminal();
  }

  /** From JDK 22 on there is a console object even without a terminal. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    var console = System.console();
    return console != null && console.isTerminal();
  }

  /** A line of a result. */
  synchronized void print(String text) {
    clear();
    out.println(text);
    out.flush();
  }

  /** A line of progress, or of an error. */
  public synchronized void note(String text) {
    clear();
    err.println(text);
    redraw();
  }

  /** The line that changes in place; nothing where there is no terminal. */
  synchronized void status(String text) {
    clear();
    status = text;
    redraw();
  }

  private void clear() {
    if (live && !status.isEmpty()) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }

  private void redraw() {
    if (live && !status.isEmpty()) {
      err.print(status);
      err.flush();
    }
  }

  /** Asks a question and returns the line that is typed; empty at the end of input. */
  String ask(String question) {
    status("");
    err.print(question + " ");
    err.flush();
    var input = new Scanner(System.in, java.nio.charset.StandardCharsets.UTF_8);
    return input.hasNextLine() ? input.nextLine().strip() : "";
  }
}
