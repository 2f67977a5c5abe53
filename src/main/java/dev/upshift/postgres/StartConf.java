package dev.upshift.postgres;

import dev.upshift.host.Host;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Debian's start.conf beside a cluster's configuration: {@code auto}, {@code manual} or {@code
 * disabled} (pg_createcluster(1), "STARTUP CONTROL").
 */
record StartConf(Host host, Path config) {
  /** Its name. */
  static final String FILE = "start.conf";

  /** For {@code auto} that is meant for later; what follows the hash is for people. */
  private static final String LATER = "manual # auto as soon as upshift has settled";

  private Path file() {
    return config.resolve(FILE);
  }

  /** Makes {@code manual} of {@code auto}; does nothing where there is no such file. */
  void stayDown() {
    change(text -> with(text, "manual"));
  }

  /** The text for a copy that is not to come up yet. */
  static String forLater(String text) {
    return with(text, LATER);
  }

  /**
   * Makes {@code auto} of what was put off; {@code manual} that was meant stays.
   *
   * @return whether anything was put off
   */
  boolean comeUp() {
    return change(text -> text.replace(LATER, "auto"));
  }

  /** Whether nothing is put off any more. */
  boolean mayComeUp() {
    return host.readText(file()).stream().noneMatch(text -> text.contains(LATER));
  }

  private boolean change(UnaryOperator<String> how) {
    var text = host.readText(file()).orElse("");
    var then = how.apply(text);
    boolean differs = !then.equals(text);
    if (differs) {
      host.replaceText(file(), then);
    }
    return differs;
  }

  private static String with(String text, String word) {
    return text.lines()
        .map(line -> (isAuto(line) ? line.replace("auto", word) : line) + "\n")
        .collect(Collectors.joining());
  }

  private static boolean isAuto(String line) {
    return line.replaceFirst("#.*", "").strip().equals("auto");
  }
}
