package dev.upshift.upgrade.checks;

import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sql;
import java.util.ArrayList;
import java.util.List;

/**
 * After the switch the old primary follows the new one, with a worker in each database. With the
 * usual settings that ends at four (DESIGN.md §6, fact 18). Only a restart changes them, and its
 * standbys must not have less of max_worker_processes than it has.
 */
public record RefuseNoRoomToFollow(PgServer primary) implements Refusal {
  private static final int OLDEST = 11;
  private static final String FREE_SLOTS =
      "SELECT current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots)";
  private static final String FREE_SENDERS =
      "SELECT current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication)";
  private static final String NONE = "; or consent to none: way-back: none in the topology";

  /** The launcher is a worker of its own; others may have taken some. */
  private static final String FREE_WORKERS =
      """
      SELECT current_setting('max_worker_processes')::int - 1
        - (SELECT count(*) FROM pg_stat_activity WHERE backend_type !~ '^(client backend|autovacuum|walsender|background writer|checkpointer|walwriter|archiver|startup|walreceiver|io worker|slotsync worker|walsummarizer|logical replication launcher|parallel worker)')
      """;

  @Override
  public String id() {
    return "no-room-to-follow";
  }

  @Override
  public String title() {
    return "the old primary can follow the new one afterwards (the way back)";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    if (!primary.version().atLeast(OLDEST)) {
      findings.add(
          Finding.blocks(
              primary.label()
                  + " is older than "
                  + OLDEST
                  + ", which applies no TRUNCATE: there can be no way back",
              "consent to none: way-back: none in the topology"));
      return findings;
    }
    int databases = Databases.of(primary).size();
    try (var session = primary.connect()) {
      room(session, "max_logical_replication_workers", databases, findings);
      room(
          session,
          primary.version().atLeast(18)
              ? "max_active_replication_origins"
              : "max_replication_slots",
          databases,
          findings);
      free(session, FREE_SLOTS, "max_replication_slots", databases, findings);
      free(session, FREE_SENDERS, "max_wal_senders", databases, findings);
      long free = Long.parseLong(session.value(FREE_WORKERS).orElse("0"));
      if (free < databases) {
        findings.add(lacks("max_worker_processes", free, databases));
      }
    }
    return findings;
  }

  private void room(Sql session, String setting, int databases, List<Finding> findings) {
    long has = Long.parseLong(session.value("SHOW " + setting).orElse("0"));
    if (has < databases) {
      findings.add(lacks(setting, has, databases));
    }
  }

  /** Who goes back is followed in his turn. */
  private void free(
      Sql session, String sql, String setting, int databases, List<Finding> findings) {
    long has = Long.parseLong(session.value(sql).orElse("0"));
    if (has < databases) {
      findings.add(lacks(setting, has, databases));
    }
  }

  private Finding lacks(String setting, long has, int databases) {
    return Finding.blocks(
        setting
            + " of "
            + primary.label()
            + " leaves "
            + has
            + ", and the way back needs "
            + databases,
        "raise " + setting + ", on its standbys first, and restart them when you can" + NONE);
  }
}
