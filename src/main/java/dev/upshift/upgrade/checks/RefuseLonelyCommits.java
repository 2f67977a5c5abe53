package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.List;

/**
 * Where a primary waits for synchronous standbys and has none, the first commit of a client would
 * wait for ever (manual, synchronous_standby_names).
 */
public record RefuseLonelyCommits(PgServer serving) implements Refusal {
  private static final String LONELY =
      """
      SELECT current_setting('synchronous_standby_names') <> ''
        AND NOT EXISTS (SELECT FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))
      """;

  @Override
  public String id() {
    return "lonely-commits";
  }

  @Override
  public String title() {
    return serving.label() + " waits for no standby that is not there";
  }

  @Override
  public List<Finding> look() {
    try (var session = serving.connect()) {
      return session.isTrue(LONELY)
          ? List.of(
              Finding.blocks(
                  "synchronous_standby_names of "
                      + serving.label()
                      + " names standbys, and none of them streams: every commit would wait",
                  "let one stream, or ALTER SYSTEM SET synchronous_standby_names = '' there, and"
                      + " reload it"))
          : List.of();
    }
  }
}
