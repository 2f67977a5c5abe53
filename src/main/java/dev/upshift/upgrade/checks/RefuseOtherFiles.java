package dev.upshift.upgrade.checks;

import dev.upshift.host.Command;
import dev.upshift.postgres.PgServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A server's files must lie where the topology says: a fence that is written into a pg_hba.conf
 * that the server does not read is none.
 */
public record RefuseOtherFiles(List<PgServer> servers) implements Refusal {
  private static final String FILES =
      "SELECT name, setting FROM pg_settings WHERE name IN ('data_directory', 'config_file', 'hba_file', 'ident_file')";

  @Override
  public String id() {
    return "other-files";
  }

  @Override
  public String title() {
    return "data directories and configurations lie where the topology says";
  }

  @Override
  public List<Finding> look() {
    var findings = new ArrayList<Finding>();
    for (var server : servers) {
      var files = files(server);
      compare(server, files, "data_directory", server.data(), "old.data", findings);
      compare(server, files, "config_file", in(server, "postgresql.conf"), "old.config", findings);
      compare(server, files, "hba_file", in(server, "pg_hba.conf"), "old.config", findings);
      compare(server, files, "ident_file", in(server, "pg_ident.conf"), "old.config", findings);
    }
    return findings;
  }

  private static Path in(PgServer server, String name) {
    return server.config().resolve(name);
  }

  private static Map<String, String> files(PgServer server) {
    try (var session = server.connect()) {
      return session.query(FILES, row -> Map.entry(row.getString(1), row.getString(2))).stream()
          .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
  }

  private static void compare(
      PgServer server,
      Map<String, String> files,
      String setting,
      Path expected,
      String key,
      List<Finding> findings) {
    var actual = files.getOrDefault(setting, "");
    if (actual.equals(expected.toString()) || isSame(server, actual, expected)) {
      return;
    }
    findings.add(
        Finding.blocks(
            setting + " of " + server.label() + " is " + actual + ", not " + expected,
            setting.equals("data_directory")
                ? "correct " + key + " in the topology"
                : "say in the topology where its configuration lies ("
                    + key
                    + "); postgresql.conf, pg_hba.conf and pg_ident.conf must lie in one folder,"
                    + " under these names"));
  }

  /** By another way to write it, or a symbolic link. */
  private static boolean isSame(PgServer server, String actual, Path expected) {
    var said = server.host().ask(Command.of("readlink", "-f", actual, expected));
    return said.ok() && said.out().lines().distinct().count() == 1;
  }
}
