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
  interface Meaning<T> {
    T of(String database, ResultSet row) throws SQLException;
  }

  private InEachDatabase() {}

  /** What each row that the question yields means, a finding as a rule. */
  static <T> List<T> find(PgServer server, String sql, Meaning<T> meaning) {
    var findings = new ArrayList<T>();
    for (var database : Databases.namesOf(server)) {
      try (var session = server.connect(database)) {
        findings.addAll(session.query(sql, row -> meaning.of(database, row)));
      }
    }
    return findings;
  }
}
