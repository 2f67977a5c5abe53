package dev.upshift.report;

import dev.upshift.journal.Entry;
import dev.upshift.probe.Hold;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A journal in the order of its steps.
 *
 * @param steps each step that was started, as it stands
 * @param holds when writes were held
 */
record Timeline(List<Line> steps, List<Hold> holds) {

  /**
   * A step.
   *
   * @param state started, done, failed, undone
   */
  record Line(
      String id,
      String title,
      Instant startedAt,
      long millis,
      String state,
      Optional<Instant> endedAt) {
    private Line now(String word, Instant at, long took) {
      return new Line(id, title, startedAt, took, word, Optional.of(at));
    }
  }

  /** The end of a hold that has not ended: far away, and near enough to be reckoned with. */
  static final Instant STILL_OPEN = Instant.parse("9999-01-01T00:00:00Z");

  private static final String HOLD = "hold-traffic";
  private static final String RELEASE = "release-traffic";

  static Timeline of(List<Entry> entries) {
    Map<String, Line> lines = new LinkedHashMap<>();
    var holds = new ArrayList<Hold>();
    Optional<Instant> held = Optional.empty();
    for (var entry : entries) {
      switch (entry) {
        case Entry.Started e -> {
          lines.remove(e.step());
          lines.put(
              e.step(), new Line(e.step(), e.title(), e.at(), 0, "started", Optional.empty()));
          held = e.step().equals(HOLD) ? Optional.of(e.at()) : held;
        }
        case Entry.Done e -> {
          lines.computeIfPresent(e.step(), (_, line) -> line.now("done", e.at(), e.millis()));
          held = e.step().equals(RELEASE) ? close(held, e.at(), holds) : held;
        }
        case Entry.Failed e ->
            lines.computeIfPresent(
                e.step(), (_, line) -> line.now("failed", e.at(), line.millis()));
        case Entry.Undone e -> {
          lines.computeIfPresent(e.step(), (_, line) -> line.now("undone", e.at(), line.millis()));
          held = e.step().equals(HOLD) ? close(held, e.at(), holds) : held;
        }
        case Entry.Began e -> {}
        case Entry.Passed e -> {}
        case Entry.Waiting e -> {}
        case Entry.Undoing e -> {}
        case Entry.Differs e -> {}
        case Entry.Ended e -> {}
      }
    }
    held.ifPresent(from -> holds.add(new Hold(from, STILL_OPEN)));
    return new Timeline(List.copyOf(lines.values()), holds);
  }

  private static Optional<Instant> close(Optional<Instant> held, Instant to, List<Hold> holds) {
    held.ifPresent(from -> holds.add(new Hold(from, to)));
    return Optional.empty();
  }
}
