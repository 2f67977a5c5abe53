package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.SchemaRecord;
import dev.upshift.postgres.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Brings the extensions in every database to the version that came with the new server, where there
 * is a way to it.
 */
public record UpdateExtensions(PgServer primary)
    implements Reversible<Nothing, UpdateExtensions.Updated> {

  /** What was updated: database and extension. */
  public record Updated(List<String> extensions) {}

  private static final String DATABASES =
      "SELECT datname FROM pg_database WHERE datallowconn ORDER BY datname";
  private static final String OUTDATED =
      """
      SELECT e.extname FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname
      WHERE a.default_version <> e.extversion AND EXISTS (
        SELECT FROM pg_extension_update_paths(e.extname) p WHERE p.source = e.extversion AND p.target = a.default_version AND p.path IS NOT NULL)
      """;

  @Override
  public String title() {
    return "Update the extensions on " + primary.label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Updated apply(Nothing before) {
    var updated = new ArrayList<String>();
    for (var database : databases()) {
      update(database, updated);
    }
    return new Updated(updated);
  }

  /** What we change ourselves is no reason to take the way back for closed. */
  private void update(String database, List<String> updated) {
    try (var session = primary.connect(database)) {
      var outdated = outdated(session);
      boolean known =
          !outdated.isEmpty() && SchemaRecord.changes(primary, List.of(database)).isEmpty();
      if (outdated.isEmpty()) {
        return;
      }
      var statements =
          outdated.stream()
              .map(name -> "ALTER EXTENSION " + Sql.identifier(name) + " UPDATE")
              .collect(Collectors.joining("; "));
      if (known) {
        SchemaRecord.takeAfter(session, statements, primary, database);
      } else {
        session.execute(statements);
      }
      outdated.forEach(name -> updated.add(database + ": " + name));
    }
  }

  @Override
  public Verdict verify(Updated result) {
    for (var database : databases()) {
      try (var session = primary.connect(database)) {
        var left = outdated(session);
        if (!left.isEmpty()) {
          return Verdict.notYet("in " + database + ": " + left);
        }
      }
    }
    return Verdict.ok();
  }

  private List<String> databases() {
    try (var session = primary.connect()) {
      return session.query(DATABASES, row -> row.getString(1));
    }
  }

  private static List<String> outdated(Sql session) {
    return session.query(OUTDATED, row -> row.getString(1));
  }

  /** What it works on is used by nobody before the border, and goes with the new cluster. */
  @Override
  public void undo(Nothing before) {}
}
