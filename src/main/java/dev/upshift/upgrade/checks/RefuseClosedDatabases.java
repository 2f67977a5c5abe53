package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import java.util.List;

/** pg_upgrade refuses a cluster with a database, template0 apart, that lets nobody in. */
public record RefuseClosedDatabases(PgServer primary) implements Refusal {
  private static final String CLOSED =
      "SELECT quote_ident(datname) FROM pg_database WHERE NOT datallowconn AND datname <> 'template0' ORDER BY 1";

  @Override
  public String id() {
    return "closed-databases";
  }

  @Override
  public String title() {
    return "every database lets sessions in";
  }

  @Override
  public List<Finding> look() {
    try (var session = primary.connect()) {
      return session.query(
          CLOSED,
          row ->
              Finding.blocks(
                  "the database " + row.getString(1) + " has ALLOW_CONNECTIONS false",
                  "ALTER DATABASE "
                      + row.getString(1)
                      + " ALLOW_CONNECTIONS true, for the time of the upgrade"));
    }
  }
}
