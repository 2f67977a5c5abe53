package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Witness;
import dev.upshift.lab.LabOptions;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sequences;
import dev.upshift.postgres.Sql;
import dev.upshift.report.Report;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.RunFolder;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.EveryKind;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Seven databases, five of them with names that must be quoted, and in each an object of every
 * kind: the logical method carries them all, and the default limits of workers do not stop it.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class OddNamesStory {
  private static final String TEMPLATES = "SELECT datistemplate FROM pg_database WHERE datname = ?";

  /** With the usual settings the old primary could follow back in four databases. */
  private static LabOptions roomy() {
    return LabFixture.serversOnly()
        .withSettings(Map.of("max_logical_replication_workers", "8", "max_worker_processes", "16"));
  }

  @Test
  void shouldCarryEveryKindOfObjectUnderAnyName() throws Exception {
    try (var fixture = LabFixture.up(roomy())) {
      var topology = TopologyFile.read(SmallFleet.describe(fixture.lab()));
      var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
      EveryKind.make(stage.oldPrimary());
      var end =
          new Upgrade(
                  topology,
                  Method.LOGICAL,
                  (_, _) -> {
                    // While the other side follows, something happens in every database.
                    EveryKind.DATABASES.forEach(database -> change(stage.oldPrimary(), database));
                    return Optional.of(new Gate.Go("a test", "--yes"));
                  },
                  _ -> {})
              .run(Upgrade.Ask.UPGRADE);
      assertThat(end).isInstanceOf(RunEnd.Walked.class);
      assertThat(((RunEnd.Walked) end).outcome()).isEqualTo(new Outcome.Completed());

      var counts = EveryKind.count(stage.newPrimary());
      assertThat(counts).hasSizeGreaterThan(5 * 15).isEqualTo(EveryKind.count(stage.oldPrimary()));
      for (var database : EveryKind.DATABASES) {
        assertThat(content(stage.newPrimary(), database))
            .as(database)
            .hasSizeGreaterThan(6)
            .containsKey("upshift.marker_id_seq")
            .isEqualTo(content(stage.oldPrimary(), database));
      }
      assertThat(stage.newPrimary().ask(TEMPLATES, EveryKind.TEMPLATE)).contains("t");
      var report = Report.of(RunFolder.latest(topology).orElseThrow().folder());
      assertThat(report.measurement().orElseThrow().reads().errors()).isZero();
      assertThat(report.ledger().orElseThrow().clean()).isTrue();
    }
  }

  private static void change(PgServer server, String database) {
    try (var session = server.connect(database)) {
      for (var table : tables(session)) {
        session.execute("UPDATE ONLY " + table + " SET v = v WHERE false");
      }
      var keyless = find(session, "keyless%");
      session.execute("DELETE FROM " + keyless + " WHERE w <= 20");
      session.execute("UPDATE " + keyless + " SET v = 'it''s new' WHERE w <= 40");
      session.execute("INSERT INTO " + keyless + " SELECT 'double', 1 FROM generate_series(1, 3)");
      var parted = find(session, "parted%");
      session.execute("UPDATE " + parted + " SET id = id + 1000 WHERE id < 50");
      session.execute("TRUNCATE " + find(session, "unique%"));
      var forced = find(session, "forced%");
      session.execute("DELETE FROM " + forced + " WHERE id <= 5");
      session.execute("UPDATE " + forced + " SET v = 'seen' WHERE id <= 10");
      session.execute("INSERT INTO " + forced + " SELECT n, 'new' FROM generate_series(21, 30) n");
      session.execute("SELECT nextval('" + find(session, "seq%").replace("'", "''") + "')");
    }
  }

  private static java.util.List<String> tables(Sql session) {
    return session.query(
        "SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attname = 'v' AND relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information)'",
        row -> row.getString(1));
  }

  private static String find(Sql session, String name) {
    return session
        .value(
            "SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relname LIKE ? AND relkind IN ('r', 'p', 'S') ORDER BY 1",
            name)
        .orElseThrow();
  }

  /** Each table's rows and each sequence's position. */
  private static Map<String, String> content(PgServer server, String database) {
    var content = new TreeMap<String, String>();
    try (var session = server.connect(database)) {
      var names =
          session.query(
              "SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'upshift')",
              row -> row.getString(1));
      for (var table : names) {
        content.put(
            table,
            session
                .value(
                    "SELECT count(*) || ' ' || coalesce(md5(string_agg((r.*)::text, ',' ORDER BY (r.*)::text)), '') FROM "
                        + table
                        + " r")
                .orElseThrow());
      }
      Sequences.read(session, Sequences.names(session))
          .forEach(sequence -> content.put(sequence.name(), sequence.toString()));
    }
    return content;
  }
}
