package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.ReplicaIdentity;
import dev.upshift.postgres.ReplicaIdentity.Lacking;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gives each table that has none what identifies its rows, on the old primary and before anything
 * is copied, so that both sides carry it: set on the new side only, it would make the old side's
 * apply fail later (DESIGN.md §6, fact 15).
 *
 * @param followed whether one side will follow the other; without, nothing needs to be identified
 */
public record SetReplicaIdentity(PgServer primary, boolean followed)
    implements Reversible<SetReplicaIdentity.Before, Nothing> {

  /** The tables that have none, by database. */
  public record Before(Map<String, List<Lacking>> tables) {}

  @Override
  public String title() {
    return "Set the replica identity of tables on " + primary.label() + " that have none";
  }

  @Override
  public Check<Before> check() {
    var tables = lacking();
    for (var database : tables.entrySet()) {
      for (var table : database.getValue()) {
        if (table.index().isEmpty() && !table.unequal().isEmpty()) {
          return Check.blocked(
              database.getKey()
                  + ": rows of "
                  + table.table()
                  + " cannot be told apart: it has no key, and "
                  + table.unequal()
                  + " know no equality",
              "give it a primary key; or upgrade without a way back: --method physical, and way-back: none in the topology");
        }
      }
    }
    return Check.ready(new Before(tables));
  }

  private Map<String, List<Lacking>> lacking() {
    var tables = new TreeMap<String, List<Lacking>>();
    for (var database : followed ? Databases.namesOf(primary) : List.<String>of()) {
      var found = ReplicaIdentity.lacking(primary, database);
      if (!found.isEmpty()) {
        tables.put(database, found);
      }
    }
    return tables;
  }

  @Override
  public Nothing apply(Before before) {
    before
        .tables()
        .forEach((database, tables) -> {
          try (var session = primary.connect(database)) {
            tables.forEach(table -> ReplicaIdentity.give(session, table));
          }
        });
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var lacking = lacking();
    return Verdict.of(lacking.isEmpty(), "without replica identity: " + lacking);
  }

  @Override
  public void undo(Before before) {
    ReplicaIdentity.takeBack(primary, before.tables());
  }
}
