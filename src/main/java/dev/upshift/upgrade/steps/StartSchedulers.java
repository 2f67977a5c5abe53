package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Schedulers;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;

/** Lets the job schedulers inside the new primary go, which were held since its first start. */
public record StartSchedulers(PgServer primary) implements Forward<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String IN_AUTO_CONF =
      "SELECT count(*) FROM pg_file_settings WHERE name = ? AND sourcefile LIKE '%postgresql.auto.conf'";

  @Override
  public String title() {
    return "Start the job schedulers on " + primary.label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    var held = held();
    held.forEach(setting -> primary.execute("ALTER SYSTEM RESET " + setting));
    if (!held.isEmpty()) {
      primary.reload(Deadline.in(LIMIT));
    }
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    return Verdict.of(held().isEmpty(), "still held by " + held());
  }

  private List<String> held() {
    return Schedulers.settings().stream()
        .filter(setting -> !primary.ask(IN_AUTO_CONF, setting).orElse("0").equals("0"))
        .toList();
  }
}
