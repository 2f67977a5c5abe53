package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.ArrayList;
import java.util.List;

/**
 * The candidate needs a walsender (two while it is copied) and a slot on the primary, which cannot
 * be given more without a restart.
 */
public record RefuseNoReplicationRoom(PgServer primary) implements Refusal {
  private static final String SENDERS =
      "SELECT current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication)";
  private static final String SLOTS =
      "SELECT current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots)";

  @Override
  public String id() {
    return "no-replication-room";
  }

  @Override
  public String title() {
    return "the primary has room for the candidate";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    try (var session = primary.connect()) {
      if (session.value("SHOW wal_level").orElse("").equals("minimal")) {
        findings.add(
            Finding.blocks(
                "wal_level of " + primary.label() + " is minimal",
                "ALTER SYSTEM SET wal_level = 'replica', and restart it"));
      }
      if (Long.parseLong(session.value(SENDERS).orElse("0")) < 2) {
        findings.add(
            Finding.blocks(
                "max_wal_senders of " + primary.label() + " leaves no two for the candidate",
                "raise it, and restart " + primary.name()));
      }
      if (Long.parseLong(session.value(SLOTS).orElse("0")) < 1) {
        findings.add(
            Finding.blocks(
                "max_replication_slots of " + primary.label() + " leaves none for the candidate",
                "drop a slot that nobody uses, or raise it, and restart " + primary.name()));
      }
    }
    return findings;
  }
}
