package dev.upshift.upgrade.checks;

import dev.upshift.host.Command;
import dev.upshift.postgres.PgServer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A setting of a role or database that the new version no longer has passes {@code pg_upgrade
 * --check} and fails the real run, while clients wait (DESIGN.md §6, fact 14).
 */
public record RefuseRemovedRoleSettings(PgServer primary, PgServer newPrimary) implements Refusal {
  private static final String SETTINGS =
      """
      SELECT split_part(setting, '=', 1), coalesce('ROLE ' || quote_ident(r.rolname), 'ALL'),
        coalesce(' IN DATABASE ' || quote_ident(d.datname), '')
      FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) setting
      LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
      """;

  @Override
  public String id() {
    return "removed-role-settings";
  }

  @Override
  public String title() {
    return "no role or database sets a parameter that is gone";
  }

  private record Setting(String name, String role, String database) {
    private Finding finding(PgServer server) {
      return Finding.blocks(
          "ALTER "
              + role
              + database
              + " SET "
              + name
              + ": version "
              + server.version()
              + " has no such parameter",
          "ALTER " + role + database + " RESET " + name);
    }
  }

  @Override
  public List<Finding> look() {
    try (var session = primary.connect()) {
      var settings =
          session.query(
              SETTINGS, row -> new Setting(row.getString(1), row.getString(2), row.getString(3)));
      var known = known();
      return settings.stream()
          .filter(setting ->
              !setting.name().contains(".")
                  && !known.contains(setting.name())
                  && !isHidden(setting.name()))
          .map(setting -> setting.finding(newPrimary))
          .toList();
    }
  }

  private Set<String> known() {
    var output =
        newPrimary
            .host()
            .ask(Command.of(newPrimary.program("postgres"), "--describe-config"))
            .orFail()
            .out();
    return output.lines().map(line -> line.split("\t", 2)[0]).collect(Collectors.toSet());
  }

  /**
   * Parameters that no file may set, or that are in no sample file, are not described; those that
   * roles commonly set are named here.
   */
  private static boolean isHidden(String name) {
    return Set.of(
            "role",
            "session_authorization",
            "transaction_read_only",
            "transaction_isolation",
            "seed",
            "is_superuser",
            "session_replication_role")
        .contains(name);
  }
}
