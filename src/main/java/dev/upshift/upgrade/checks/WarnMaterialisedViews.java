package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.List;

/** A materialised view is not replicated: it stays as it was copied until it is refreshed. */
public record WarnMaterialisedViews(PgServer primary) implements Refusal {
  private static final String VIEWS =
      "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'm' ORDER BY 1";

  @Override
  public String id() {
    return "materialised-views";
  }

  @Override
  public String title() {
    return "no materialised view grows old";
  }

  @Override
  public List<Finding> look() {
    return InEachDatabase.find(
        primary,
        VIEWS,
        (database, row) ->
            Finding.warns(
                database
                    + ": the materialised view "
                    + row.getString(1)
                    + " will be as it was when the candidate was copied",
                "REFRESH MATERIALIZED VIEW " + row.getString(1) + " after the switch"));
  }
}
