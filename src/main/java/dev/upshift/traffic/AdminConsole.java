package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.Talk;
import dev.upshift.time.Deadline;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * PgBouncer's admin console, through a psql that is kept open: pgjdbc cannot open that of 1.18.
 * Columns are known by their names, because their number and order change between versions.
 */
final class AdminConsole implements AutoCloseable {
  private static final String SEPARATOR = "\u001f";
  private static final Pattern FAILURE =
      Pattern.compile("(?m)^(?:psql: error: |psql:[^ ]* )?(?:ERROR|FATAL):\\s*(.*)$");
  private static final Pattern NOTICE = Pattern.compile("(?:NOTICE|WARNING|DETAIL|HINT):.*");

  private final String where;
  private final Talk talk;

  /**
   * Opens one.
   *
   * @param where what failures name
   * @param login the psql, with host, port and user
   */
  AdminConsole(Host host, String where, Command login) {
    this.where = where;
    this.talk =
        host.talk(
            login.with("-X", "-w", "-A", "-F", SEPARATOR, "-P", "footer=off", "-d", "pgbouncer"),
            "\\echo %s");
  }

  boolean isOpen() {
    return talk.isOpen();
  }

  /** The rows of {@code SHOW what}, by their columns' names. */
  synchronized List<Map<String, String>> show(String what, Deadline deadline) {
    var said = sound("SHOW " + what, located(() -> talk.ask("SHOW " + what + ";", deadline)));
    var lines = said.lines().filter(line -> !NOTICE.matcher(line).matches()).toList();
    var rows = new ArrayList<Map<String, String>>();
    for (var line : lines.subList(Math.min(1, lines.size()), lines.size())) {
      var names = lines.getFirst().split(SEPARATOR, -1);
      var values = line.split(SEPARATOR, -1);
      var row = new LinkedHashMap<String, String>();
      for (int i = 0; i < Math.min(names.length, values.length); i++) {
        row.put(names[i], values[i]);
      }
      rows.add(row);
    }
    return rows;
  }

  /**
   * Says something that changes the pooler.
   *
   * @return whether it was said, and not only shown
   */
  synchronized boolean tell(String command, Deadline deadline) {
    return located(() -> talk.tell(command + ";", deadline))
        .map(said -> sound(command, said))
        .isPresent();
  }

  /** Of one process, not only of its host. */
  private <T> T located(Supplier<T> said) {
    try {
      return said.get();
    } catch (WorldError e) {
      throw new WorldError(where, e.what(), e.hint(), e);
    }
  }

  private String sound(String command, String said) {
    var failure = FAILURE.matcher(said);
    if (failure.find()) {
      throw new WorldError(where, "'" + command + "': " + failure.group(1), "");
    }
    return said;
  }

  /** A database's name as the console reads it. */
  static String quoted(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  @Override
  public void close() {
    talk.close();
  }

  /**
   * The value of a column; nothing where the pooler's version has no such column, or it is empty.
   */
  static Optional<String> value(Map<String, String> row, String column) {
    return Optional.ofNullable(row.get(column)).filter(value -> !value.isEmpty());
  }
}
