package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.List;

/**
 * All sessions that are spread over the old servers now will be on one: on the parking standby
 * during the hold, on the new primary after it, which has the old primary's settings.
 */
public record RefuseCrowdedParking(PgServer primary, List<PgServer> standbys) implements Refusal {
  private static final String SESSIONS =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name <> 'upshift' AND datname IS NOT NULL";
  private static final String ROOM =
      "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int";

  @Override
  public String id() {
    return "crowded-parking";
  }

  @Override
  public String title() {
    return "one server has room for the sessions of all";
  }

  @Override
  public List<Finding> look() {
    long sessions =
        number(primary, SESSIONS)
            + standbys.stream().mapToLong(standby -> number(standby, SESSIONS)).sum();
    long least = standbys.stream().mapToLong(standby -> number(standby, ROOM)).min().orElse(0);
    long room = Math.min(number(primary, ROOM), least);
    return sessions <= room
        ? List.of()
        : List.of(
            Finding.blocks(
                "the servers have "
                    + sessions
                    + " sessions together, and one of them takes "
                    + room,
                "shrink the fleet or its pools first, or raise max_connections"));
  }

  private static long number(PgServer server, String sql) {
    return Long.parseLong(server.ask(sql).orElse("0"));
  }
}
