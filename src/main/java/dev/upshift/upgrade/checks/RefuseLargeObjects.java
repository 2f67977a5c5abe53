package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.List;

/** Logical replication carries no large objects: what is written to them after the copy is lost. */
public record RefuseLargeObjects(PgServer primary) implements Refusal {
  private static final String COUNT =
      "SELECT count(*) FROM pg_largeobject_metadata HAVING count(*) > 0";

  @Override
  public String id() {
    return "large-objects";
  }

  @Override
  public String title() {
    return "no database has large objects";
  }

  @Override
  public List<Finding> look() {
    return InEachDatabase.find(
        primary,
        COUNT,
        (database, row) ->
            Finding.blocks(
                database
                    + " has "
                    + row.getLong(1)
                    + " large objects, which logical replication does not carry",
                "upgrade without a way back: --method physical, and way-back: none in the topology"));
  }
}
