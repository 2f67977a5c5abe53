package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import dev.upshift.topology.PgVersion;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Every server of the old cluster must let the administrator in, be the version that the topology
 * says, and obey him.
 */
public record RefuseUnreachableServers(List<PgServer> servers) implements Refusal {
  private static final String LOOK =
      "SELECT current_setting('server_version_num')::int, current_setting('is_superuser'), oid = 10 FROM pg_roles WHERE rolname = current_user";

  @Override
  public String id() {
    return "unreachable-servers";
  }

  @Override
  public String title() {
    return "the servers answer the administrator";
  }

  private record Seen(PgVersion version, boolean superuser, boolean madeByInitdb) {}

  @Override
  public List<Finding> look() {
    return servers.stream().flatMap(server -> look(server).stream()).toList();
  }

  private static List<Finding> look(PgServer server) {
    Seen seen;
    try (var session = server.connect()) {
      seen = session.query(LOOK, RefuseUnreachableServers::read).getFirst();
    }
    var findings = new ArrayList<Finding>();
    if (!seen.version().equals(server.version())) {
      findings.add(
          Finding.blocks(
              server.name()
                  + " runs version "
                  + seen.version()
                  + ", the topology says "
                  + server.version(),
              "correct old.version and old.bin"));
    }
    if (!seen.superuser() || !seen.madeByInitdb()) {
      findings.add(
          Finding.blocks(
              server.admin().user()
                  + " on "
                  + server.name()
                  + " is not the superuser that initdb made",
              "pg_upgrade works as that role only: name it as admin.user"));
    }
    return findings;
  }

  private static Seen read(ResultSet row) throws SQLException {
    return new Seen(
        PgVersion.ofServerVersionNum(row.getInt(1)),
        row.getString(2).equals("on"),
        row.getBoolean(3));
  }
}
