package dev.upshift.topology;

import java.time.Duration;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Numbers with a unit, in the forms that {@link TopologyShape} lets through. */
final class Quantity {
  private static final Pattern PARTS = Pattern.compile("([0-9]+)([A-Za-z]+)");

  private Quantity() {}

  static Duration duration(String text) {
    var parts = parts(text);
    long number = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m", "min" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> throw new IllegalStateException("no unit of time: " + text);
    };
  }

  /** In bytes; the units are powers of 1024, as in PostgreSQL's settings. */
  static long bytes(String text) {
    var parts = parts(text);
    int shift =
        switch (parts.group(2)) {
          case "B" -> 0;
          case "kB" -> 10;
          case "MB" -> 20;
          case "GB" -> 30;
          case "TB" -> 40;
          default -> throw new IllegalStateException("no unit of size: " + text);
        };
    return Long.parseLong(parts.group(1)) << shift;
  }

  private static MatchResult parts(String text) {
    var matcher = PARTS.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalStateException("no number with a unit: " + text);
    }
    return matcher.toMatchResult();
  }
}
