package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sequences;
import dev.upshift.postgres.Sql;
import java.util.Optional;

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
    return new Copied(
        from.inEach(Databases.namesOf(from), this::copy).stream().mapToInt(copied -> copied).sum());
  }

  private int copy(String database, Sql source) {
    try (var target = to.connect(database)) {
      var positions = Sequences.read(source, Sequences.names(source));
      Sequences.set(target, positions);
      return positions.size();
    }
  }

  @Override
  public Verdict verify(Copied copied) {
    return from.inEach(Databases.namesOf(from), this::difference).stream()
        .flatMap(Optional::stream)
        .findFirst()
        .map(Verdict::notYet)
        .orElse(Verdict.ok());
  }

  private Optional<String> difference(String database, Sql source) {
    try (var target = to.connect(database)) {
      var there = Sequences.read(source, Sequences.names(source));
      return there.equals(Sequences.read(target, Sequences.names(target)))
          ? Optional.empty()
          : Optional.of("the sequences in " + database + " are not where they were");
    }
  }

  /**
   * Positions on the side that does not serve yet mean nothing, and are set again the next time.
   */
  @Override
  public void undo(Nothing before) {}
}
