package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.Set;

/** Lets the job schedulers inside the new primary go, which were held since its first start. */
public record StartSchedulers(PgServer primary, Set<String> held)
    implements Forward<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String IN_AUTO_CONF =
      "SELECT count(*) FROM pg_file_settings WHERE name = ? AND sourcefile LIKE '%postgresql.auto.conf'";

  @Override
  public String title() {
    return held.isEmpty()
        ? "Start job schedulers: none is preloaded"
        : "Start the job schedulers on " + primary.label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    held.forEach(setting -> primary.execute("ALTER SYSTEM RESET " + setting));
    if (!held.isEmpty()) {
      primary.reload(Deadline.in(LIMIT));
    }
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var left =
        held.stream()
            .filter(setting -> !primary.ask(IN_AUTO_CONF, setting).orElse("").equals("0"))
            .toList();
    return Verdict.of(left.isEmpty(), "still held by " + left);
  }
}
