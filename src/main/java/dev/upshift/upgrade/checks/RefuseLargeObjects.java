package dev.upshift.upgrade.checks;

import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import java.util.ArrayList;
import java.util.List;

/** Logical replication carries no large objects: what is written to them after the copy is lost. */
public record RefuseLargeObjects(PgServer primary) implements Refusal {
  private static final String COUNT = "SELECT count(*) FROM pg_largeobject_metadata";

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
    var findings = new ArrayList<Finding>();
    for (var database : Databases.namesOf(primary)) {
      try (var session = primary.connect(database)) {
        var count = session.value(COUNT).orElse("0");
        if (!count.equals("0")) {
          findings.add(
              Finding.blocks(
                  database
                      + " has "
                      + count
                      + " large objects, which logical replication does not carry",
                  "upgrade by the physical method: --method physical"));
        }
      }
    }
    return findings;
  }
}
