package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.ArrayList;
import java.util.List;

/**
 * Unlogged tables are empty on every standby, so on the candidate too, and stay so after its
 * promotion.
 */
public record WarnUnloggedTables(PgServer primary) implements Refusal {
  private static final String DATABASES =
      "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname";
  private static final String UNLOGGED =
      "SELECT oid::regclass::text FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r' ORDER BY 1";

  @Override
  public String id() {
    return "unlogged-tables";
  }

  @Override
  public String title() {
    return "no table is unlogged";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    List<String> databases;
    try (var session = primary.connect()) {
      databases = session.query(DATABASES, row -> row.getString(1));
    }
    for (var database : databases) {
      try (var session = primary.connect(database)) {
        findings.addAll(
            session.query(
                UNLOGGED,
                row ->
                    Finding.warns(
                        database
                            + ": the rows of the unlogged table "
                            + row.getString(1)
                            + " will be gone",
                        "ALTER TABLE " + row.getString(1) + " SET LOGGED, if they are needed")));
      }
    }
    return findings;
  }
}
