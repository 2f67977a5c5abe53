package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Lsn;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Standby;

/**
 * Proves that the candidate has everything the old primary acknowledged: the old one is shut down
 * cleanly, so its last WAL record is that shutdown's checkpoint; the candidate has replayed
 * <em>past</em> it (safety.md §2.1, measured on 15 and 18).
 */
public record ProveCandidateComplete(PgServer primary, Standby candidate)
    implements Reversible<Nothing, ProveCandidateComplete.LastRecord> {

  /** Where the old primary's last WAL record begins. */
  public record LastRecord(Lsn checkpoint) {}

  @Override
  public String title() {
    return "Prove that the candidate " + candidate.server().label() + " has everything";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public LastRecord apply(Nothing before) {
    return new LastRecord(primary.control().checkpoint());
  }

  @Override
  public Verdict verify(LastRecord last) {
    if (!primary.control().shutDownCleanly()) {
      return Verdict.notYet(
          primary.label() + " is '" + primary.control().state() + "', not shut down cleanly");
    }
    var replayed = Replication.replayed(candidate.server());
    return Verdict.of(
        replayed.filter(lsn -> lsn.isAfter(last.checkpoint())).isPresent(),
        candidate.server().label()
            + " has replayed up to "
            + replayed.map(Lsn::toString).orElse("nothing")
            + ", not past the old primary's last record at "
            + last.checkpoint());
  }

  @Override
  public void undo(Nothing before) {}
}
