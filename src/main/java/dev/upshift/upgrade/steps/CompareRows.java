package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.DataComparison;
import dev.upshift.postgres.Databases.Database;
import dev.upshift.postgres.Markers;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.Subscriber;
import dev.upshift.time.Clock;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Compares every row of the two sides, by ranges of the key and several at once, while the old side
 * is written: logical replication can skip a table without a word.
 *
 * @param jobs how many ranges at once
 */
public record CompareRows(
    Subscriber follower, int jobs, Result<CreatePublicationsAndSlots.Common> common)
    implements Reversible<Nothing, CompareRows.Compared> {

  /**
   * What was compared.
   *
   * @param restless rows that changed each time they were read, and could not be compared
   */
  public record Compared(int databases, long tables, long ranges, long restless) {}

  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final String OWN = "upshift.";
  private static final AtomicLong NUMBER = new AtomicLong();

  @Override
  public String title() {
    return "Compare the rows of "
        + follower.publisher().server().label()
        + " and "
        + follower.server().label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Compared apply(Nothing before) {
    var comparison =
        new DataComparison(follower.publisher().server(), follower.server(), this::catchUp);
    long tables = 0;
    long ranges = 0;
    long restless = 0;
    var differences = new ArrayList<String>();
    for (var database : common.get().databases()) {
      var found = comparison.compare(database.name(), theirs(database), jobs);
      tables += found.tables();
      ranges += found.ranges();
      restless += found.restless();
      differences.addAll(found.differences());
    }
    if (!differences.isEmpty()) {
      throw new WorldError(
          follower.server().name(),
          "rows are not on both sides: " + String.join(", ", differences),
          "what is prepared is of no use: upshift undo, then begin anew; and please report it");
    }
    return new Compared(common.get().databases().size(), tables, ranges, restless);
  }

  private void catchUp(String database) {
    var marker = "compared " + NUMBER.incrementAndGet() + " " + Clock.system().nanos();
    try (var here = follower.publisher().server().connect(database);
        var there = follower.server().connect(database)) {
      Markers.set(here, marker);
      if (!follower
          .server()
          .shows(Deadline.in(LIMIT), PAUSE, () -> Markers.isSeen(there, marker))) {
        throw new WorldError(
            follower.server().name(), "a marker has not arrived in " + database, "");
      }
    }
  }

  @Override
  public Verdict verify(Compared compared) {
    var missing = missing();
    return Verdict.of(missing.isEmpty(), "not followed: " + missing);
  }

  private List<String> theirs(Database database) {
    return follower.publisher().tables(database.name()).stream()
        .filter(table -> !table.startsWith(OWN))
        .toList();
  }

  private List<String> missing() {
    var missing = new ArrayList<String>();
    for (var database : common.get().databases()) {
      missing.addAll(follower.disagreement(database.name(), Publisher.slotName(database)));
    }
    return missing;
  }

  @Override
  public void undo(Nothing before) {}
}
