package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.host.Command;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.OwnRole;
import java.time.Duration;

/**
 * Makes the planner's statistics, which pg_upgrade leaves behind: in stages, rough ones for every
 * table first. From 18 on it carries most of them over, and only what is missing is made (manual,
 * pg_upgrade, "Statistics").
 */
public record RebuildStatistics(NewCluster cluster, OwnRole role, int jobs)
    implements Reversible<Nothing, Nothing> {
  private static final Duration LIMIT = Duration.ofDays(1);
  private static final String WITHOUT =
      """
      SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        AND c.relpages > 0 AND NOT EXISTS (SELECT FROM pg_statistic s WHERE s.starelid = c.oid)
        AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attstattarget IS DISTINCT FROM 0)
      """;

  @Override
  public String title() {
    return "Rebuild the planner's statistics on " + cluster.server().label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    role.writePassfile(cluster.server(), cluster.adminPassword());
    try {
      var host = cluster.server().host();
      host.run(vacuumdb("--analyze-in-stages"));
      if (cluster.server().version().atLeast(18)) {
        host.run(vacuumdb("--analyze-only"));
      }
    } finally {
      role.writePassfile(cluster.server());
    }
    return new Nothing();
  }

  private Command vacuumdb(String how) {
    var server = cluster.server();
    var command =
        Command.of(server.program("vacuumdb"), "--all", how, "--jobs", jobs, "--no-password")
            .with(
                "--host",
                server.sockets(),
                "--port",
                server.port(),
                "--username",
                server.admin().user())
            .set("PGPASSFILE", role.passfileOn(server))
            .within(LIMIT);
    return server.version().atLeast(18) ? command.with("--missing-stats-only") : command;
  }

  @Override
  public Verdict verify(Nothing result) {
    var without = cluster.server().ask(WITHOUT).orElse("0");
    return Verdict.of(without.equals("0"), without + " tables have no statistics");
  }

  /** What it works on is used by nobody before the border, and goes with the new cluster. */
  @Override
  public void undo(Nothing before) {}
}
