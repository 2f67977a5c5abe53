package dev.upshift.upgrade.checks;

import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.ReplicaIdentity;
import dev.upshift.postgres.ReplicaIdentity.Lacking;
import java.util.ArrayList;
import java.util.List;

/**
 * A table without a key is replicated by all its columns, which costs; one with a column whose type
 * knows no equality is not replicated at all.
 */
public record RefuseTablesWithoutIdentity(PgServer primary) implements Refusal {

  @Override
  public String id() {
    return "tables-without-identity";
  }

  @Override
  public String title() {
    return "rows of every table can be told apart";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    for (var database : Databases.namesOf(primary)) {
      for (var table : ReplicaIdentity.lacking(primary, database)) {
        if (table.index().isEmpty()) {
          findings.add(finding(database, table));
        }
      }
    }
    return findings;
  }

  private static Finding finding(String database, Lacking table) {
    if (!table.unequal().isEmpty()) {
      return Finding.blocks(
          database
              + ": "
              + table.table()
              + " has no key, and its columns "
              + table.unequal()
              + " know no equality",
          "give it a primary key; or upgrade without a way back: --method physical, and way-back: none in the topology");
    }
    return Finding.warns(
        database + ": " + table.table() + " has no key: it will be followed by all its columns",
        "a unique index over columns that are NOT NULL makes UPDATE and DELETE cheaper to follow");
  }
}
