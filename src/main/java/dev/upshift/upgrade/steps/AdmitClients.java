package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.HbaFile;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Deadline;
import java.time.Duration;

/**
 * Lifts the fence of the new primary. This is the border: from its start on, a client's write may
 * be there and nowhere else. So the fence is looked at once more: somebody may have let the old
 * primary take writes meanwhile, which the new one does not have.
 */
public record AdmitClients(PgServer primary, Fence fence) implements Forward<Nothing, Nothing> {
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
    var broken = fence.broken();
    if (broken.isPresent()) {
      return Check.blocked(
          broken.get(), "find out who did that, and hold it back for the time of the switch");
    }
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    primary.writeHba(admitting(primary));
    primary.reload(Deadline.in(LIMIT));
    return new Nothing();
  }

  /** Lays the file ready that admits clients; it is nobody's yet. */
  static void layReady(PgServer primary) {
    primary.layHbaReady(admitting(primary));
  }

  private static HbaFile admitting(PgServer primary) {
    return primary.hba().withoutBlock(NewCluster.FENCE);
  }

  /** Looks as {@link #verify} does, and forgets what it saw: the second time is faster. */
  public void lookOnce() {
    var _ = verify(new Nothing());
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
