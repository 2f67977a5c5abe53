package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.ArrayList;
import java.util.List;

/**
 * Who follows the old primary by logical replication, or is followed by it, must be led to the new
 * one by somebody: slots and subscriptions of others do not move by themselves.
 */
public record RefuseOtherReplication(PgServer primary) implements Refusal {
  private static final String SLOTS =
      "SELECT slot_name FROM pg_replication_slots WHERE slot_type = 'logical' AND slot_name !~ '^upshift_' ORDER BY 1";
  private static final String SUBSCRIPTIONS =
      "SELECT d.datname || ': ' || s.subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid ORDER BY 1";

  @Override
  public String id() {
    return "other-replication";
  }

  @Override
  public String title() {
    return "nobody else replicates logically from or to this cluster";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    try (var session = primary.connect()) {
      for (var slot : session.query(SLOTS, row -> row.getString(1))) {
        findings.add(
            Finding.blocks(
                "somebody follows " + primary.label() + " by the logical slot " + slot,
                "stop that consumer, let it begin anew on the new primary afterwards, and drop the slot: SELECT pg_drop_replication_slot('"
                    + slot
                    + "')"));
      }
      for (var subscription : session.query(SUBSCRIPTIONS, row -> row.getString(1))) {
        findings.add(
            Finding.blocks(
                primary.label() + " follows somebody by the subscription " + subscription,
                "what it receives during the switch must arrive once and on one side: drop it for the upgrade, and make it again on the new primary"));
      }
    }
    return findings;
  }
}
