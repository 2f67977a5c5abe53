package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Deadline;
import java.time.Duration;

/**
 * Lifts the fence of the new primary. This is the border: from its start on, a client's write may
 * be there and nowhere else.
 */
public record AdmitClients(PgServer primary) implements Forward<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String HBA_ERRORS =
      "SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL";

  @Override
  public String title() {
    return "Admit clients to the new primary " + primary.label() + " (the border)";
  }

  @Override
  public Check<Nothing> check() {
    return primary.isRunning()
        ? Check.ready(new Nothing())
        : Check.blocked(primary.label() + " does not run", "");
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
