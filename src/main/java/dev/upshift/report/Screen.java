package dev.upshift.report;

import dev.upshift.probe.Figures;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A report on one screen of text. */
public final class Screen {
  private final Report report;

  public Screen(Report report) {
    this.report = report;
  }

  /** The text, ending in a line break. */
  public String text() {
    var text = new StringBuilder(headline()).append("\n\n").append(measured());
    text.append("\n");
    for (var step : report.steps()) {
      text.append(
          "  %9s  %-28s %s%n"
              .formatted(
                  seconds(step.millis()),
                  step.id(),
                  step.state().equals("done") ? "" : step.state()));
    }
    if (report.pgUpgradeMillis() > 0) {
      text.append(
          "  %9s  %-28s%n".formatted(seconds(report.pgUpgradeMillis()), "  pg_upgrade itself"));
    }
    return text.toString();
  }

  /** What the probe measured, and what became of its writes. */
  public String measured() {
    var text = new StringBuilder();
    report
        .measurement()
        .ifPresent(measured -> {
          text.append(line("reads", measured.reads()));
          text.append(line("writes", measured.writes()));
        });
    report
        .ledger()
        .ifPresent(ledger ->
            text.append(
                "  ledger    %,d writes acknowledged, %d lost, %d duplicated, %d invented%s%n"
                    .formatted(
                        ledger.acknowledged(),
                        ledger.lost(),
                        ledger.duplicated(),
                        ledger.invented(),
                        ledger.unknown() == 0
                            ? ""
                            : ", %d that nobody can say it of".formatted(ledger.unknown()))));
    if (report.wayBack().equals("open")) {
      text.append(
          "  way back  open: upshift status, upshift switch-back; closed by upshift finish\n");
    }
    report.left().forEach((word, what) -> text.append(left(word, what)));
    report.promises().forEach(broken -> text.append("  BROKEN    ").append(broken).append("\n"));
    return text.toString();
  }

  private static String left(String word, List<String> what) {
    var title =
        switch (word) {
          case "pending" -> "settings that the next restart brings back to what they were";
          case "behind" ->
              "servers that could not be reached and led; their hosts files are to be mended when they are back";
          case "out" ->
              "servers that stay out of the load balancer; when they are back and led, set them ready there";
          case "idle" -> "machines that may go now, with the data directories left there";
          default -> "what stays, for it is still needed";
        };
    return what.isEmpty() ? "" : "  left      " + title + ": " + String.join(", ", what) + "\n";
  }

  private String headline() {
    var what =
        report.fact("cluster")
            + ": "
            + report.fact("from")
            + " -> "
            + report.fact("to")
            + ", "
            + report.fact("method");
    var held =
        report
            .held()
            .map(time -> "; writes held for " + seconds(time.toMillis()).strip())
            .orElse("");
    var why = report.why().isEmpty() ? "" : "\n" + report.why();
    return report.result().toUpperCase(Locale.ROOT) + "  " + what + held + why;
  }

  private static String line(String kind, Figures figures) {
    return "  %-8s  %,d tried, %,d acknowledged, %,d errors%s; longest gap %s, p50 %.1f ms, p99 %.1f ms%s%n"
        .formatted(
            kind,
            figures.attempts(),
            figures.acknowledged(),
            figures.errors(),
            states(figures),
            seconds(figures.longestGapMillis()).strip(),
            figures.p50Millis(),
            figures.p99Millis(),
            figures.reconnects() == 0 ? "" : ", %d reconnects".formatted(figures.reconnects()));
  }

  private static String states(Figures figures) {
    if (figures.errors() == 0) {
      return "";
    }
    var states =
        figures.errorsByState().entrySet().stream()
            .map(Map.Entry::toString)
            .collect(Collectors.joining(" "));
    return " (" + states + "; " + figures.unexplained() + " unexplained)";
  }

  private static String seconds(Number millis) {
    return "%.2f s".formatted(millis.doubleValue() / 1000);
  }
}
