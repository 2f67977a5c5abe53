package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.postgres.DdlGuard;
import dev.upshift.postgres.SchemaRecord;
import dev.upshift.testing.Following;
import dev.upshift.testing.ServerPair;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.PgVersion;
import dev.upshift.upgrade.steps.GuardDdl;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Applications on a primary whose schema must not change, since another one follows it. */
@Tag("real")
@ExtendWith(Stopwatch.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GuardedSchemaStory {
  private ServerPair pair;
  private Connection client;

  @BeforeAll
  void guard() throws Exception {
    pair = ServerPair.start(PgVersion.of(17), UnaryOperator.identity());
    client = pair.connect(pair.primary(), ServerPair.DATABASE);
    for (var sql :
        List.of(
            "CREATE TABLE story (at timestamptz, n bigint)",
            "CREATE TABLE kept (id int PRIMARY KEY, words text)",
            "INSERT INTO kept SELECT n, 'word ' || n FROM generate_series(1, 9) n",
            "CREATE MATERIALIZED VIEW kept_words AS SELECT words FROM kept")) {
      execute(sql);
    }
    new GuardDdl(pair.primary(), true, DdlGuard.Reason.UPGRADE).apply(Following.NOTHING);
  }

  @AfterAll
  void down() throws SQLException {
    client.close();
    pair.close();
  }

  @Test
  void shouldRefuseDdlAndSayWhy() throws SQLException {
    for (var ddl :
        List.of(
            "CREATE TABLE refused (x int)",
            "ALTER TABLE story ADD COLUMN refused int",
            "DROP TABLE story",
            "create index concurrently refused on story (n)")) {
      assertThatThrownBy(() -> execute(ddl))
          .as(ddl)
          .hasMessageContaining("this cluster is being upgraded")
          .hasMessageContaining("upshift undo");
    }
    for (var harmless :
        List.of(
            "CREATE TEMP TABLE mine (x serial PRIMARY KEY, y text)",
            "ALTER TABLE mine ADD COLUMN z int",
            "DROP TABLE mine",
            "ANALYZE story",
            "TRUNCATE story")) {
      execute(harmless);
    }
  }

  @Test
  void shouldTakeMaintenanceForNoChangeOfTheSchema() throws SQLException {
    for (var maintenance :
        List.of(
            "REFRESH MATERIALIZED VIEW kept_words",
            "REINDEX TABLE CONCURRENTLY kept",
            "VACUUM FULL kept",
            "CLUSTER kept USING kept_pkey",
            "ANALYZE kept")) {
      execute(maintenance);
      assertThat(SchemaRecord.changes(pair.primary(), List.of(ServerPair.DATABASE)))
          .as(maintenance)
          .isEmpty();
    }
  }

  private void execute(String sql) throws SQLException {
    try (var statement = client.createStatement()) {
      statement.execute(sql);
    }
  }
}
