package dev.upshift.upgrade.checks;

import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * While one side follows the other no schema changes, and a job that makes tomorrow's partitions
 * fails: from then on clients' rows have nowhere to go. Partition sets that are looked after by
 * themselves block; what other jobs do nobody can know, so they are named.
 *
 * @param primary the running primary
 * @param consented whether the operator lives with that
 */
public record RefuseScheduledDdl(PgServer primary, boolean consented) implements Refusal {

  /**
   * A scheduler's jobs.
   *
   * @param extension which it belongs to; its schema is put for %s
   * @param jobs one text a job
   * @param makesPartitions whether that is what they are for
   */
  private record Jobs(String extension, String jobs, boolean makesPartitions) {}

  private static final String SCHEMA =
      "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = ?";

  private static final List<Jobs> KNOWN =
      List.of(
          // Its documentation, "part_config": maintenance is run for those that are not off.
          new Jobs(
              "pg_partman",
              "SELECT 'pg_partman makes partitions of ' || parent_table FROM %s.part_config WHERE automatic_maintenance <> 'off' ORDER BY 1",
              true),
          // Its tables are in the schema cron, whatever schema the extension is in.
          new Jobs(
              "pg_cron",
              "SELECT 'pg_cron runs ' || quote_literal(left(command, 60)) || ' (' || schedule || ')' FROM cron.job WHERE active ORDER BY jobid",
              false),
          new Jobs(
              "pgagent",
              "SELECT 'pgAgent runs the job ' || quote_literal(jobname) FROM pgagent.pga_job WHERE jobenabled ORDER BY jobid",
              false));

  @Override
  public String id() {
    return "scheduled-ddl";
  }

  @Override
  public String title() {
    return "no job changes the schema meanwhile";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    for (var database : Databases.namesOf(primary)) {
      try (var session = primary.connect(database)) {
        KNOWN.stream().flatMap(known -> look(session, database, known)).forEach(findings::add);
      }
    }
    return findings;
  }

  private Stream<Finding> look(Sql session, String database, Jobs known) {
    var schema = session.value(SCHEMA, known.extension());
    if (schema.isEmpty()) {
      return Stream.of();
    }
    return session.query(known.jobs().formatted(schema.get()), row -> row.getString(1)).stream()
        .map(job -> finding(database + ": " + job, known.makesPartitions()));
  }

  private Finding finding(String what, boolean makesPartitions) {
    if (!makesPartitions) {
      return Finding.warns(
          what,
          "if it changes the schema, pause it until the upgrade is finished, or it will fail");
    }
    var remedy =
        "make the partitions of the coming days now, and say jobs: consent in the topology; until"
            + " upshift finish it can make none";
    return consented ? Finding.warns(what, remedy) : Finding.blocks(what, remedy);
  }
}
