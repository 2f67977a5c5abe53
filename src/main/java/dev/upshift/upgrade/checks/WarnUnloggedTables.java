package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.List;

/**
 * Unlogged tables are empty on every standby, so on the candidate too, and stay so after its
 * promotion.
 */
public record WarnUnloggedTables(PgServer primary) implements Refusal {
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
    return InEachDatabase.find(
        primary,
        UNLOGGED,
        (database, row) ->
            Finding.warns(
                database + ": the rows of the unlogged table " + row.getString(1) + " will be gone",
                "ALTER TABLE " + row.getString(1) + " SET LOGGED, if they are needed"));
  }
}
