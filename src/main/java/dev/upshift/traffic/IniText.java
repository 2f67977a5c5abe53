package dev.upshift.traffic;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The text of PgBouncer's configuration, and where the entries of its section {@code [databases]}
 * lead. Only what is asked for is ever changed: every other byte stays, be it a comment, a blank, a
 * quote, an end of line or nothing that PgBouncer would read. Read and write the file in ISO
 * 8859-1, which carries any byte.
 *
 * <p>Where an entry, or a parameter within one, stands more than once, the last one counts for
 * PgBouncer (tried with 1.18 and 1.26), and it is the one that is read and changed here. Files that
 * are included ({@code %include}) are not looked into.
 *
 * @param text the whole file
 */
public record IniText(String text) {
  private static final String DATABASES = "databases";
  private static final String TRIES = "\n;; >>> upshift: entries of a try, may go at any time\n";
  private static final String TRIES_END = ";; <<< upshift\n";

  /** Takes the text of a configuration. Every text is one; what PgBouncer cannot read is kept. */
  public static IniText parse(String text) {
    return new IniText(text);
  }

  /** The names of the entries in {@code [databases]}, in the order of the file. */
  public Set<String> databases() {
    var names = new LinkedHashSet<String>();
    lines().stream()
        .filter(line -> line.section().equals(DATABASES))
        .forEach(line -> names.add(line.key()));
    return names;
  }

  /** The names that have settings of their own in {@code [users]}, each with its settings. */
  Set<String> users() {
    var names = new LinkedHashSet<String>();
    lines().stream()
        .filter(line -> line.section().equals("users"))
        .forEach(line -> names.add(line.key()));
    return names;
  }

  /** A setting of the section {@code [pgbouncer]}. */
  public Optional<String> setting(String name) {
    return last("pgbouncer", name).map(this::value);
  }

  /** Whether other files are included. */
  public boolean includes() {
    return text.lines().anyMatch(line -> line.stripLeading().startsWith("%include"));
  }

  /** A parameter of an entry, if there is such an entry and it has that parameter. */
  public Optional<String> parameter(String database, String key) {
    return last(DATABASES, database)
        .flatMap(line -> last(IniPair.in(value(line)), key))
        .map(IniPair::value);
  }

  /**
   * The text with another value for a parameter of an entry, or without the parameter. A parameter
   * that was not there comes first in the entry; one that is quoted stays quoted.
   *
   * @throws IllegalArgumentException when there is no such entry, or the value cannot stand there
   */
  public IniText with(String database, String key, Optional<String> value) {
    var line =
        last(DATABASES, database)
            .orElseThrow(() -> new IllegalArgumentException("no entry " + database));
    var entry = value(line);
    var changed =
        last(IniPair.in(entry), key)
            .map(pair -> value.map(v -> pair.replaced(entry, v)).orElse(pair.removed(entry)))
            .orElseGet(() -> value.map(v -> IniPair.prepended(entry, key, v)).orElse(entry));
    return new IniText(text.substring(0, line.from()) + changed + text.substring(line.to()));
  }

  /** What stands behind the {@code =} of an entry, if there is such an entry. */
  Optional<String> entry(String database) {
    return last(DATABASES, database).map(this::value);
  }

  /**
   * The text with more entries at its end, in place of those there may be from before. PgBouncer
   * takes a second section {@code [databases]} as more of the first (tried with 1.18 and 1.26).
   */
  IniText withTries(List<String> entries) {
    var block = new StringBuilder(TRIES).append('[').append(DATABASES).append("]\n");
    entries.forEach(entry -> block.append(entry).append('\n'));
    return new IniText(withoutTries().text + block + TRIES_END);
  }

  /** The text as it was before {@link #withTries}, to the byte. */
  IniText withoutTries() {
    int begin = text.indexOf(TRIES);
    int end = text.indexOf(TRIES_END, Math.max(begin, 0));
    return begin < 0 || end < 0
        ? this
        : new IniText(text.substring(0, begin) + text.substring(end + TRIES_END.length()));
  }

  private String value(IniLine line) {
    return text.substring(line.from(), line.to());
  }

  private List<IniLine> lines() {
    return IniLine.in(text);
  }

  private Optional<IniLine> last(String section, String key) {
    return lines().stream()
        .filter(line -> line.section().equals(section) && line.key().equals(key))
        .reduce((_, last) -> last);
  }

  private static Optional<IniPair> last(List<IniPair> pairs, String key) {
    return pairs.stream().filter(pair -> pair.key().equals(key)).reduce((_, last) -> last);
  }
}
