package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.ArrayList;
import java.util.List;

/** The primary must be one, the standbys must follow it. */
public record RefuseWrongRoles(PgServer primary, List<PgServer> standbys) implements Refusal {
  private static final String RECEIVER = "SELECT status FROM pg_stat_wal_receiver";

  @Override
  public String id() {
    return "wrong-roles";
  }

  @Override
  public String title() {
    return "primary and standbys are what the topology says";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    if (primary.isInRecovery()) {
      findings.add(
          Finding.blocks(
              primary.label() + " is a standby",
              "was there a failover? name the present primary in the topology"));
    }
    for (var standby : standbys) {
      if (!standby.isInRecovery()) {
        findings.add(
            Finding.blocks(
                standby.label() + " is a primary, not a standby",
                "correct its role in the topology"));
      } else if (!standby.ask(RECEIVER).orElse("").equals("streaming")) {
        findings.add(
            Finding.blocks(
                standby.label() + " does not stream from its primary",
                "look at its log, and mend it first"));
      }
    }
    return findings;
  }
}
