package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import dev.upshift.topology.PgVersion;
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

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    for (var server : servers) {
      try (var session = server.connect()) {
        session
            .query(
                LOOK,
                row -> {
                  var version = PgVersion.ofServerVersionNum(row.getInt(1));
                  if (!version.equals(server.version())) {
                    findings.add(
                        Finding.blocks(
                            server.name()
                                + " runs version "
                                + version
                                + ", the topology says "
                                + server.version(),
                            "correct old.version and old.bin"));
                  }
                  if (!row.getString(2).equals("on") || !row.getBoolean(3)) {
                    findings.add(
                        Finding.blocks(
                            server.admin().user()
                                + " on "
                                + server.name()
                                + " is not the superuser that initdb made",
                            "pg_upgrade works as that role only: name it as admin.user"));
                  }
                  return version;
                })
            .size();
      }
    }
    return findings;
  }
}
