package dev.upshift.cli;

import dev.upshift.lab.FleetTotals;

/** What the lab's visitors and workers counted, as text. */
final class FleetLines {
  private FleetLines() {}

  static String text(FleetTotals totals) {
    var text = new StringBuilder();
    totals
        .visitors()
        .ifPresent(visitors ->
            text.append(
                "  visitors  %,d pages and searches, %,d failed; %,d playlists, clips and logins, %,d told to come back, %,d failed%n"
                    .formatted(
                        visitors.reads().ok(),
                        visitors.reads().failed(),
                        visitors.writes().ok(),
                        visitors.writes().resting(),
                        visitors.writes().failed())));
    totals
        .workers()
        .forEach((name, worker) -> text.append("  %-8s  %s%n".formatted(name, worker.counts())));
    return text.toString();
  }
}
