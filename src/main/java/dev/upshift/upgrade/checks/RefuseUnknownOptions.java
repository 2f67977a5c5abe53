package dev.upshift.upgrade.checks;

import dev.upshift.host.Command;
import dev.upshift.postgres.PgServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A column option that the new version does not know passes {@code pg_upgrade --check} and fails
 * the real run, at the first table. A minor release can bring one: 17.12 gives pg_attver to every
 * column that is made, and 18.6 does not know it (seen with Debian's 17.12-0+deb13u1 and 18.6-3).
 * Options of indexes are not looked at, they may be an extension's.
 */
public record RefuseUnknownOptions(PgServer primary, PgServer newPrimary) implements Refusal {
  private static final String OPTIONS =
      """
      SELECT split_part(option, '=', 1), min(attrelid::regclass || '.' || quote_ident(attname)), current_setting('server_version')
      FROM pg_attribute JOIN pg_class c ON c.oid = attrelid CROSS JOIN unnest(attoptions) option
      WHERE relkind NOT IN ('i', 'I') AND attrelid >= 16384 GROUP BY 1
      """;

  @Override
  public String id() {
    return "unknown-options";
  }

  @Override
  public String title() {
    return "no column has an option that version " + newPrimary.version() + " does not know";
  }

  private record Option(String database, String name, String column, String version) {}

  @Override
  public List<Finding> look() {
    Map<String, Boolean> known = new HashMap<>();
    return InEachDatabase.find(
            primary,
            OPTIONS,
            (database, row) ->
                new Option(database, row.getString(1), row.getString(2), row.getString(3)))
        .stream()
        .filter(option -> !known.computeIfAbsent(option.name(), this::isKnown))
        .map(this::finding)
        .toList();
  }

  /** The names of options stand in the server's program as they are (reloptions.c). */
  private boolean isKnown(String name) {
    var program = newPrimary.program("postgres");
    return newPrimary.host().ask(Command.of("grep", "-aqF", "-e", name, program)).ok();
  }

  private Finding finding(Option option) {
    return Finding.blocks(
        "%s: the column %s, for one, has the option %s of version %s, which %s does not know; pg_upgrade would fail"
            .formatted(
                option.database(),
                option.column(),
                option.name(),
                option.version(),
                newPrimary.label()),
        "install the newest minor release of "
            + newPrimary.version()
            + " on "
            + newPrimary.name()
            + "; it is "
            + release());
  }

  private String release() {
    return newPrimary
        .host()
        .ask(Command.of(newPrimary.program("postgres"), "--version"))
        .orFail()
        .out()
        .strip();
  }
}
