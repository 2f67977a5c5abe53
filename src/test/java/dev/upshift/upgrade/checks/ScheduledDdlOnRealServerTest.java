package dev.upshift.upgrade.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.postgres.PgServer;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.ServerPair;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With Debian's pg_cron and pg_partman. */
@Tag("real")
class ScheduledDdlOnRealServerTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final PgVersion VERSION = PgVersion.of(15);

  @Test
  void shouldNameJobsAndRefusePartitionsThatNobodyCouldMake() throws Exception {
    var bin =
        LabFixture.programs()
            .postgresWith(VERSION, List.of("postgresql-15-cron", "postgresql-15-partman"));
    try (var pair = ServerPair.start(VERSION, bin, UnaryOperator.identity())) {
      var primary = pair.primary();
      assertThat(new RefuseScheduledDdl(primary, false).look()).isEmpty();
      makeJobs(primary);
      assertThat(new RefuseScheduledDdl(primary, false).look())
          .extracting(Finding::severity)
          .containsExactlyInAnyOrder(Finding.Severity.BLOCKS, Finding.Severity.WARNS);
      assertThat(new RefuseScheduledDdl(primary, true).look())
          .extracting(Finding::what)
          .containsExactlyInAnyOrder(
              "postgres: pg_partman makes partitions of public.plays",
              "postgres: pg_cron runs 'VACUUM' (0 3 * * *)");
    }
  }

  private static void makeJobs(PgServer primary) {
    primary.stop(PgServer.Stop.FAST, Deadline.in(LIMIT));
    ServerPair.append(primary, Map.of("shared_preload_libraries", "pg_cron"));
    primary.start(Deadline.in(LIMIT));
    try (var session = primary.connect()) {
      session.execute("CREATE EXTENSION pg_cron");
      session.execute("SELECT cron.schedule('0 3 * * *', 'VACUUM')");
      session.execute("CREATE SCHEMA partman");
      session.execute("CREATE EXTENSION pg_partman SCHEMA partman");
      session.execute(
          "CREATE TABLE public.plays (at timestamptz NOT NULL, n int) PARTITION BY RANGE (at)");
      session.execute("SELECT partman.create_parent('public.plays', 'at', 'native', 'daily')");
    }
  }
}
