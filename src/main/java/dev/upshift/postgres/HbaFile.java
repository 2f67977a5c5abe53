package dev.upshift.postgres;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The text of a pg_hba.conf and the one block of ours in it. PostgreSQL takes the first line that
 * matches, so the block stands on top; taking it out leaves every other byte as it was.
 */
public record HbaFile(String text) {
  private static final String FIRST = "# >>> upshift %s: remove only with upshift\n";
  private static final String LAST = "# <<< upshift %s\n";

  /** The same with a block of this name on top, in place of an earlier one of this name. */
  public HbaFile withBlock(String name, List<String> lines) {
    var block = lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    return new HbaFile(
        FIRST.formatted(name) + block + LAST.formatted(name) + withoutBlock(name).text());
  }

  /** The same without the block of this name. */
  public HbaFile withoutBlock(String name) {
    var begin = text.indexOf(FIRST.formatted(name));
    var last = LAST.formatted(name);
    var end = text.indexOf(last, Math.max(begin, 0));
    return begin < 0 || end < 0
        ? this
        : new HbaFile(text.substring(0, begin) + text.substring(end + last.length()));
  }

  /** The line with which a block of this name begins. */
  static String firstLine(String name) {
    return FIRST.formatted(name);
  }

  /** Whether there is a block of this name. */
  public boolean hasBlock(String name) {
    return !equals(withoutBlock(name));
  }

  /**
   * A line that lets a user in with a password, however the server keeps it: {@code md5} takes a
   * SCRAM verifier, too, and then speaks SCRAM; {@code scram-sha-256} would lock out an
   * administrator whose password was set before 14, when MD5 was the default (manual, "Password
   * Authentication").
   */
  public static String allow(String type, String database, String user, Optional<String> address) {
    return "%-8s %-15s %-23s %-23s md5".formatted(type, database, quoted(user), address.orElse(""));
  }

  /** Lines that let nobody in; replication must be named, for {@code all} does not include it. */
  public static List<String> rejectAll() {
    return List.of(
        "local    all             all                                     reject",
        "local    replication     all                                     reject",
        "host     all             all                     all             reject",
        "host     replication     all                     all             reject");
  }

  private static String quoted(String user) {
    return '"' + user.replace("\"", "\"\"") + '"';
  }
}
