package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sequences;

/**
 * Brings each sequence on the side that will serve to exactly where it stands on the side that is
 * left. The values that sessions had cached died with the sessions, so no gap is needed.
 */
public record CopySequences(PgServer from, PgServer to)
    implements Reversible<Nothing, CopySequences.Copied> {

  /** How many. */
  public record Copied(int sequences) {}

  @Override
  public String title() {
    return "Copy the sequences' positions from " + from.label() + " to " + to.label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Copied apply(Nothing before) {
    int copied = 0;
    for (var database : Databases.namesOf(from)) {
      try (var source = from.connect(database);
          var target = to.connect(database)) {
        var positions = Sequences.read(source, Sequences.names(source));
        Sequences.set(target, positions);
        copied += positions.size();
      }
    }
    return new Copied(copied);
  }

  @Override
  public Verdict verify(Copied copied) {
    for (var database : Databases.namesOf(from)) {
      try (var source = from.connect(database);
          var target = to.connect(database)) {
        var names = Sequences.names(source);
        if (!Sequences.read(source, names)
            .equals(Sequences.read(target, Sequences.names(target)))) {
          return Verdict.notYet("the sequences in " + database + " are not where they were");
        }
      }
    }
    return Verdict.ok();
  }

  /**
   * Positions on the side that does not serve yet mean nothing, and are set again the next time.
   */
  @Override
  public void undo(Nothing before) {}
}
