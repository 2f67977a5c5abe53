package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Deadline;
import java.time.Duration;

/**
 * Lifts the fence of the new primary. This is the border: from its start on, a client's write may
 * be there and nowhere else. So what was proved is looked at once more: somebody may have started
 * the old primary meanwhile, and it would have taken writes that the candidate does not have.
 *
 * @param proved where the old primary's last record was when the candidate was found complete
 */
public record AdmitClients(
    PgServer primary, PgServer old, Result<ProveCandidateComplete.LastRecord> proved)
    implements Forward<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String HBA_ERRORS =
      "SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL";

  @Override
  public String title() {
    return "Admit clients to the new primary " + primary.label() + " (the border)";
  }

  @Override
  public Check<Nothing> check() {
    if (!primary.isRunning()) {
      return Check.blocked(primary.label() + " does not run", "look at its log");
    }
    if (old.isRunning() || !old.control().checkpoint().equals(proved.get().checkpoint())) {
      return Check.blocked(
          old.label() + " was started again after it was fenced",
          "find out who starts it, and hold that back for the time of the switch");
    }
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    primary.writeHba(primary.hba().withoutBlock(NewCluster.FENCE));
    primary.reload(Deadline.in(LIMIT));
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    if (primary.hba().hasBlock(NewCluster.FENCE)) {
      return Verdict.notYet(primary.label() + " is still fenced");
    }
    return Verdict.of(
        primary.ask(HBA_ERRORS).orElse("").equals("0"),
        "pg_hba.conf of " + primary.label() + " has errors");
  }
}
