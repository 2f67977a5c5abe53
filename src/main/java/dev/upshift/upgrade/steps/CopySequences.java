package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sequences;
import dev.upshift.postgres.Sql;
import java.util.List;
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
      var positions = positions(source);
      Sequences.set(target, positions);
      return positions.size();
    }
  }

  /** Copies what will be copied once more: the next time it is faster. */
  public void practise() {
    var _ = verify(apply(new Nothing()));
  }

  @Override
  public Verdict verify(Copied copied) {
    return from.inEach(Databases.namesOf(from), this::different).stream()
        .flatMap(Optional::stream)
        .findFirst()
        .map(database -> "the sequences in " + database + " are not where they were")
        .map(Verdict::notYet)
        .orElse(Verdict.ok());
  }

  /** The database, if its sequences do not stand alike. */
  private Optional<String> different(String database, Sql source) {
    try (var target = to.connect(database)) {
      return positions(source).equals(positions(target)) ? Optional.empty() : Optional.of(database);
    }
  }

  private static List<Sequences.Position> positions(Sql session) {
    return Sequences.read(session, Sequences.names(session));
  }

  /**
   * Positions on the side that does not serve yet mean nothing, and are set again the next time.
   */
  @Override
  public void undo(Nothing before) {}
}
