package dev.upshift.upgrade.checks;

import dev.upshift.host.Command;
import dev.upshift.postgres.PgServer;
import dev.upshift.topology.PgVersion;
import java.util.ArrayList;
import java.util.List;

/** Both versions' programs must be on every host where they will run. */
public record RefuseMissingPrograms(List<PgServer> servers) implements Refusal {
  private static final List<String> PROGRAMS =
      List.of(
          "postgres",
          "initdb",
          "pg_ctl",
          "pg_controldata",
          "pg_basebackup",
          "pg_upgrade",
          "pg_dump",
          "pg_dumpall",
          "pg_restore",
          "vacuumdb");

  @Override
  public String id() {
    return "missing-programs";
  }

  @Override
  public String title() {
    return "the programs of both versions are installed";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    for (var server : servers) {
      var missing =
          PROGRAMS.stream()
              .filter(program -> !server.host().exists(server.program(program)))
              .toList();
      if (!missing.isEmpty()) {
        findings.add(
            Finding.blocks(
                server.name()
                    + " lacks "
                    + String.join(", ", missing)
                    + " of version "
                    + server.version()
                    + " in "
                    + server.program("").toString(),
                "install PostgreSQL " + server.version() + " there, or correct the bin folder"));
      } else {
        wrongVersion(server, findings);
      }
    }
    return findings;
  }

  private static void wrongVersion(PgServer server, List<Finding> findings) {
    // "postgres (PostgreSQL) 18.1 (Debian 18.1-1)"
    var said =
        server
            .host()
            .ask(Command.of(server.program("postgres"), "--version"))
            .orFail()
            .out()
            .strip();
    var version = PgVersion.parse(said.replaceFirst("^\\D*", "").replaceFirst("[^0-9.].*", ""));
    if (!version.equals(server.version())) {
      findings.add(
          Finding.blocks(
              server.program("postgres") + " on " + server.name() + " is version " + version,
              "correct version or bin in the topology"));
    }
  }
}
