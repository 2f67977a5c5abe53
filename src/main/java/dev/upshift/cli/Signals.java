package dev.upshift.cli;

/**
 * Ctrl-C: the first asks the run to stop, the second ends the process at once, which is as safe as
 * a kill.
 */
final class Signals {
  private Signals() {}

  static void onInterrupt(Runnable stop) {
    org.jline.utils.Signals.register(
        "INT",
        () -> {
          org.jline.utils.Signals.registerDefault("INT");
          stop.run();
        });
  }
}
