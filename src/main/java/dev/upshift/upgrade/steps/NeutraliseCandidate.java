package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Copied;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;

/**
 * Takes out of the copy what must not live twice: subscriptions (one copied along would take over
 * the upstream's slot, and production would lose rows), slots, our publications and our guard,
 * prepared transactions (the publisher sends them when they are committed there).
 */
public record NeutraliseCandidate(PgServer candidate) implements Reversible<Nothing, Nothing> {

  @Override
  public String title() {
    return "Neutralise the copy on "
        + candidate.label()
        + ": drop copied subscriptions, slots, publications and guard";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    if (candidate.isRunning()) {
      Databases.namesOf(candidate).forEach(database -> Copied.neutralise(candidate, database));
    }
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    for (var database : Databases.namesOf(candidate)) {
      var left = Copied.leftIn(candidate, database);
      if (!left.isEmpty()) {
        return Verdict.notYet("still in " + database + " on " + candidate.label() + ": " + left);
      }
    }
    return Verdict.ok();
  }

  /** The copy goes with the undo of its provisioning. */
  @Override
  public void undo(Nothing before) {}
}
