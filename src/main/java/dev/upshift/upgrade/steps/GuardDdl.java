package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.DdlGuard;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.SchemaRecord;
import java.util.List;

/**
 * Refuses changes of the schema on the old primary from here on, where the operator wants it so
 * ({@code ddl: refuse}): none of them would reach the new side. Before the slots, so that no change
 * stands between the copy and the stream.
 *
 * @param refuses whether changes are refused; otherwise they are found before the switch
 */
public record GuardDdl(PgServer primary, boolean refuses, DdlGuard.Reason reason)
    implements Reversible<Nothing, Nothing> {

  @Override
  public String title() {
    return refuses
        ? "Guard the schema of " + primary.label() + ": refuse DDL"
        : "Guard the schema of "
            + primary.label()
            + ": DDL is found before the switch (ddl: detect)";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    for (var database : guarded()) {
      try (var session = primary.connect(database)) {
        DdlGuard.install(session, reason);
      }
    }
    Databases.namesOf(primary).forEach(database -> SchemaRecord.take(primary, database));
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    for (var database : guarded()) {
      try (var session = primary.connect(database)) {
        if (!DdlGuard.stands(session)) {
          return Verdict.notYet("the schema of " + database + " is not guarded");
        }
      }
    }
    return Verdict.ok();
  }

  private List<String> guarded() {
    return refuses ? Databases.namesOf(primary) : List.of();
  }

  @Override
  public void undo(Nothing before) {
    for (var database : guarded()) {
      try (var session = primary.connect(database)) {
        DdlGuard.remove(session);
      }
    }
  }
}
