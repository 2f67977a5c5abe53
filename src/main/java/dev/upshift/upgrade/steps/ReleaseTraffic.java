package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.time.Deadline;
import dev.upshift.traffic.TrafficHold;
import java.time.Duration;

/** Opens writes on the new primary, everywhere at once, by one reload; then lets everybody go. */
public record ReleaseTraffic(PgServer primary, TrafficHold traffic)
    implements Forward<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String STILL_READ_ONLY =
      "SELECT count(*) FROM pg_file_settings WHERE name = 'default_transaction_read_only' AND setting = 'on'";

  @Override
  public String title() {
    return "Release writes on the new primary " + primary.label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    primary.execute("ALTER SYSTEM RESET default_transaction_read_only");
    primary.reload(Deadline.in(LIMIT));
    traffic.release();
    return new Nothing();
  }

  /** Looks as {@link #verify} does, and forgets what it saw: the second time is faster. */
  public void lookOnce() {
    var _ = verify(new Nothing());
  }

  @Override
  public Verdict verify(Nothing result) {
    if (!traffic.isReleased()) {
      return Verdict.notYet("somebody is held still: " + traffic.title());
    }
    return Verdict.of(
        primary.ask(STILL_READ_ONLY).orElse("").equals("0"),
        primary.label() + " is read-only by default");
  }
}
