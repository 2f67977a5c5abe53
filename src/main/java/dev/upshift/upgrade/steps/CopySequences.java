package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.host.AtOnce;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sequences;
import dev.upshift.postgres.Sql;
import java.util.List;

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

  /** Looks as {@link #verify} does, and forgets what it saw: the second time is faster. */
  public void lookOnce() {
    var _ = verify(new Copied(0));
  }

  @Override
  public Verdict verify(Copied copied) {
    var databases = Databases.namesOf(from);
    var both = AtOnce.each(List.of(from, to), server -> server.inEach(databases, this::positions));
    for (int i = 0; i < databases.size(); i++) {
      if (!both.getFirst().get(i).equals(both.getLast().get(i))) {
        return Verdict.notYet("the sequences in " + databases.get(i) + " are not where they were");
      }
    }
    return Verdict.ok();
  }

  private List<Sequences.Position> positions(String database, Sql session) {
    return Sequences.read(session, Sequences.names(session));
  }

  /**
   * Positions on the side that does not serve yet mean nothing, and are set again the next time.
   */
  @Override
  public void undo(Nothing before) {}
}
