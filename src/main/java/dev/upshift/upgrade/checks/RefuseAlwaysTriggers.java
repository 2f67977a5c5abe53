package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.List;

/**
 * Triggers that are enabled ALWAYS or in REPLICA fire again where replicated rows are applied
 * (manual, "ALTER TABLE").
 */
public record RefuseAlwaysTriggers(PgServer primary) implements Refusal {
  private static final String TRIGGERS =
      """
      SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger WHERE tgenabled IN ('A', 'R') AND NOT tgisinternal ORDER BY 1, 2
      """;

  @Override
  public String id() {
    return "always-triggers";
  }

  @Override
  public String title() {
    return "no trigger fires twice";
  }

  @Override
  public List<Finding> look() {
    return InEachDatabase.find(
        primary,
        TRIGGERS,
        (database, row) ->
            Finding.blocks(
                database
                    + ": the trigger "
                    + row.getString(2)
                    + " on "
                    + row.getString(1)
                    + " would fire a second time on the side that follows",
                "ALTER TABLE "
                    + row.getString(1)
                    + " ENABLE TRIGGER "
                    + row.getString(2)
                    + ", for the time of the upgrade; or upgrade by the physical method"));
  }
}
