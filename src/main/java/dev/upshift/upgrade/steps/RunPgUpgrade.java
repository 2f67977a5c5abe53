package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.PgUpgrade;
import dev.upshift.time.Budget;
import java.time.Duration;

/**
 * Runs {@code pg_upgrade --link} from the candidate to the new cluster, and ends by making the
 * linked copy unstartable. The way back before the border is not that copy but the old primary's
 * own, untouched data directory.
 */
public record RunPgUpgrade(PgUpgrade upgrade, PgServer candidate, Budget hold)
    implements Reversible<Nothing, RunPgUpgrade.Took> {

  /** How long pg_upgrade itself took. */
  public record Took(long pgUpgradeMillis) {}

  private static final Duration LIMIT = Duration.ofHours(12);
  private static final Duration STOP_LIMIT = Duration.ofMinutes(5);

  @Override
  public String title() {
    return "Run pg_upgrade --link on " + candidate.name();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Took apply(Nothing before) {
    if (!upgrade.wasBegun()) {
      candidate.stop(PgServer.Stop.FAST, hold.within(STOP_LIMIT));
    }
    if (!upgrade.isDone()) {
      upgrade.begin();
      upgrade.await(hold.within(LIMIT));
    }
    upgrade.makeCopyUnstartable();
    return new Took(upgrade.took().map(Duration::toMillis).orElse(0L));
  }

  @Override
  public Verdict verify(Took result) {
    if (!upgrade.isDone()) {
      return Verdict.notYet("pg_upgrade: " + upgrade.progress());
    }
    return Verdict.of(
        upgrade.isCopyUnstartable(),
        "the linked copy on " + candidate.name() + " could still be started");
  }

  @Override
  public void undo(Nothing before) {
    if (upgrade.wasBegun()) {
      upgrade.kill();
    }
  }
}
