package dev.upshift.upgrade.checks;

import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import java.util.ArrayList;
import java.util.List;

/**
 * The old primary must decode its WAL logically and have a slot and a sender to spare for each
 * database. Both are settings that only a restart changes, and upshift never restarts the old
 * primary.
 */
public record RefuseNoLogicalDecoding(PgServer primary) implements Refusal {
  private static final int OLDEST = 11;
  private static final String FREE_SLOTS =
      "SELECT current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots)";
  private static final String FREE_SENDERS =
      "SELECT current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication)";

  @Override
  public String id() {
    return "no-logical-decoding";
  }

  @Override
  public String title() {
    return "the primary can be followed by logical replication";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    if (!primary.version().atLeast(OLDEST)) {
      findings.add(
          Finding.blocks(
              primary.label() + " is older than " + OLDEST + ", which replicates no TRUNCATE",
              "upgrade by the physical method: --method physical"));
    }
    try (var session = primary.connect()) {
      var level = session.value("SHOW wal_level").orElse("");
      if (!level.equals("logical")) {
        findings.add(
            Finding.blocks(
                "wal_level of " + primary.label() + " is " + level + ", not logical",
                "ALTER SYSTEM SET wal_level = 'logical', and restart it when you can (upshift never"
                    + " does); or upgrade by the physical method: --method physical"));
      }
      // The candidate's own slot is there besides; its sender has ended by the time that these
      // come.
      int databases = Databases.of(primary).size();
      room(session.value(FREE_SLOTS), databases + 1, "max_replication_slots", findings);
      room(session.value(FREE_SENDERS), databases, "max_wal_senders", findings);
    }
    return findings;
  }

  private void room(
      java.util.Optional<String> free, int needed, String setting, List<Finding> findings) {
    long left = Long.parseLong(free.orElse("0"));
    if (left < needed) {
      findings.add(
          Finding.blocks(
              setting
                  + " of "
                  + primary.label()
                  + " leaves "
                  + left
                  + ", and "
                  + needed
                  + " are needed",
              "raise "
                  + setting
                  + ", on its standbys first, and restart them when you can; or upgrade by the physical method: --method physical"));
    }
  }
}
