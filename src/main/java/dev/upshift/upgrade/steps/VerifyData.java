package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Forward;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Standby;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks whether what arrived is whole: the last write before the hold is there, every database
 * opens, no index is invalid, and the standbys have what the primary has. The ledger of the probe
 * says the rest.
 */
public record VerifyData(PgServer primary, List<Standby> standbys)
    implements Forward<Nothing, VerifyData.Seen> {

  /** What was looked at. */
  public record Seen(int databases, long tables, long indexes) {}

  private static final String MARKER =
      "SELECT EXISTS (SELECT FROM upshift.marker WHERE text = 'the last write before the hold')";
  private static final String DATABASES =
      "SELECT datname FROM pg_database WHERE datallowconn AND datname NOT IN ('template0', 'template1') ORDER BY datname";
  private static final String TABLES =
      "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'm')";
  private static final String INDEXES = "SELECT count(*) FROM pg_index";
  private static final String INVALID =
      "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid AND indislive ORDER BY 1";

  @Override
  public String title() {
    return "Verify the data on " + primary.label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Seen apply(Nothing before) {
    long tables = 0;
    long indexes = 0;
    var databases = databases();
    for (var database : databases) {
      try (var session = primary.connect(database)) {
        tables += Long.parseLong(session.value(TABLES).orElse("0"));
        indexes += Long.parseLong(session.value(INDEXES).orElse("0"));
      }
    }
    return new Seen(databases.size(), tables, indexes);
  }

  @Override
  public Verdict verify(Seen seen) {
    try (var session = primary.connect()) {
      if (!session.isTrue(MARKER)) {
        return Verdict.notYet("the last write before the hold is not on " + primary.label());
      }
    }
    var invalid = new ArrayList<String>();
    for (var database : databases()) {
      try (var session = primary.connect(database)) {
        session
            .query(INVALID, row -> row.getString(1))
            .forEach(index -> invalid.add(database + "." + index));
      }
    }
    if (!invalid.isEmpty()) {
      return Verdict.notYet("invalid indexes: " + invalid);
    }
    var here = Replication.current(primary);
    var behind =
        standbys.stream()
            .filter(standby -> standby.lagBytes() > 0 && !hasReplayed(standby, here))
            .map(standby -> standby.server().label())
            .toList();
    return Verdict.of(behind.isEmpty(), behind + " are behind");
  }

  private static boolean hasReplayed(Standby standby, dev.upshift.postgres.Lsn position) {
    return Replication.replayed(standby.server()).filter(lsn -> !position.isAfter(lsn)).isPresent();
  }

  private List<String> databases() {
    try (var session = primary.connect()) {
      return session.query(DATABASES, row -> row.getString(1));
    }
  }
}
