package dev.upshift.cli;

import dev.upshift.lab.Progress;

/**
 * Shows how far something long has come: a bar on a terminal, a line for each thing that was done
 * elsewhere.
 */
final class ProgressBar implements Progress, AutoCloseable {
  private static final int WIDTH = 30;
  private final Console console;
  private String said = "";

  ProgressBar(Console console) {
    this.console = console;
  }

  @Override
  public synchronized void at(String what, long done, long total) {
    if (!what.equals(said)) {
      console.note("  " + what);
      said = what;
    }
    int filled = (int) (total == 0 ? 0 : WIDTH * done / total);
    console.status(
        done >= total ? "" : "  [" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] " + what);
  }

  @Override
  public void close() {
    console.status("");
  }
}
