package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.List;

/** pg_upgrade refuses a cluster with prepared transactions. */
public record RefusePreparedTransactions(PgServer primary) implements Refusal {
  private static final String OPEN =
      "SELECT gid || ' in ' || database || ' of ' || owner FROM pg_prepared_xacts ORDER BY prepared";

  @Override
  public String id() {
    return "prepared-transactions";
  }

  @Override
  public String title() {
    return "no transaction is prepared and open";
  }

  @Override
  public List<Finding> look() {
    try (var session = primary.connect()) {
      return session.query(
          OPEN,
          row ->
              Finding.blocks(
                  "the transaction " + row.getString(1) + " is prepared",
                  "COMMIT PREPARED or ROLLBACK PREPARED it"));
    }
  }
}
