package dev.upshift.upgrade.checks;

import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** One question to every database of a cluster. */
final class InEachDatabase {

  /** What a row of a database means. */
  @FunctionalInterface
  interface Meaning {
    Finding of(String database, ResultSet row) throws SQLException;
  }

  private InEachDatabase() {}

  /** A finding for each row that the question yields. */
  static List<Finding> find(PgServer server, String sql, Meaning meaning) {
    var findings = new ArrayList<Finding>();
    for (var database : Databases.namesOf(server)) {
      try (var session = server.connect(database)) {
        findings.addAll(session.query(sql, row -> meaning.of(database, row)));
      }
    }
    return findings;
  }
}
