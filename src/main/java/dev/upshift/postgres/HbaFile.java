package dev.upshift.postgres;

import java.net.InetAddress;
import java.util.Collection;
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

  /** Lets nobody in by TCP. */
  static final String REJECT_HOSTS = rejectHosts("all");

  private static final String GAP = "# a gap for a try, may go at any time";
  private static final String GAP_END = "# end of the gap";

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

  /**
   * The same, but the block of this name does not reject who comes from these addresses: he is met
   * by the lines below it. The same where it rejects nobody.
   */
  HbaFile withGap(String name, Collection<InetAddress> addresses) {
    var others =
        OtherAddresses.than(addresses).stream()
            .map(HbaFile::rejectHosts)
            .collect(Collectors.joining("\n"));
    return replaced(name, REJECT_HOSTS, List.of(GAP, others, GAP_END));
  }

  /** The same without a gap. */
  HbaFile withoutGap(String name) {
    int begin = text.indexOf(GAP);
    int end = text.indexOf(GAP_END, Math.max(begin, 0));
    return begin < 0 || end < 0
        ? this
        : replaced(name, text.substring(begin, end + GAP_END.length()), List.of(REJECT_HOSTS));
  }

  private HbaFile replaced(String name, String part, List<String> lines) {
    int from = text.indexOf(FIRST.formatted(name));
    int to = text.indexOf(LAST.formatted(name), Math.max(from, 0));
    int at = text.indexOf(part, Math.max(from, 0));
    return from < 0 || at < 0 || at > to
        ? this
        : new HbaFile(
            text.substring(0, at) + String.join("\n", lines) + text.substring(at + part.length()));
  }

  private static String rejectHosts(String addresses) {
    return "host     all             all                     %-15s reject".formatted(addresses);
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
        REJECT_HOSTS,
        "host     replication     all                     all             reject");
  }

  private static String quoted(String user) {
    return '"' + user.replace("\"", "\"\"") + '"';
  }
}
