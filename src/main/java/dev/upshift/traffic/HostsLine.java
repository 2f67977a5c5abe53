package dev.upshift.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One line of a hosts file: address, names, comment. Resolvers differ over a carriage return inside
 * a line: glibc takes it for a blank (nss_files, isspace), the JDK's reader for the end of the line
 * (Scanner.nextLine). Here a word is a name if it is one for either of them.
 */
final class HostsLine {
  /** Blanks for glibc, and the zero byte, where its reader stops. */
  private static final String BLANKS = " \t\u000B\f\r\0";

  /**
   * A word of the body.
   *
   * @param name whether it is a host name and neither the address nor a part of the comment
   * @param continued whether it stands behind a carriage return
   */
  private record Word(int from, int to, boolean comment, boolean name, boolean continued) {}

  private final String body;
  private final String end;
  private final List<Word> words;

  private HostsLine(String body, String end) {
    this.body = body;
    this.end = end;
    this.words = words(body);
  }

  static List<HostsLine> split(String text) {
    var lines = new ArrayList<HostsLine>();
    for (int from = 0; from < text.length(); ) {
      int feed = text.indexOf('\n', from);
      int next = feed < 0 ? text.length() : feed + 1;
      int to = feed < 0 ? next : feed > from && text.charAt(feed - 1) == '\r' ? feed - 1 : feed;
      lines.add(new HostsLine(text.substring(from, to), text.substring(to, next)));
      from = next;
    }
    return lines;
  }

  /** "\n", "\r\n", or nothing on a last line without one. */
  String end() {
    return end;
  }

  String text() {
    return body + end;
  }

  /** The first word, if it is no comment. */
  Optional<String> address() {
    return words.stream().findFirst().filter(word -> !word.comment()).map(this::spelling);
  }

  /** The names as they are written. */
  List<String> names() {
    return words.stream().filter(Word::name).map(this::spelling).toList();
  }

  boolean carries(Predicate<String> name) {
    return names().stream().anyMatch(name);
  }

  /**
   * Whether the whole line belongs to names like these, whoever reads it: it ends where it seems to
   * end, and no zero byte stops a reader before.
   */
  boolean carriesOnly(Predicate<String> name) {
    return names().stream().allMatch(name)
        && words.stream().noneMatch(Word::continued)
        && body.indexOf('\0') < 0;
  }

  /** The line without the names that are not kept, each with the blanks before it. */
  HostsLine keeping(Predicate<String> name) {
    var kept = new StringBuilder();
    int from = 0;
    for (var word : words) {
      if (word.name() && !name.test(spelling(word))) {
        int to = word.from();
        while (to > from && (body.charAt(to - 1) == ' ' || body.charAt(to - 1) == '\t')) {
          to--;
        }
        kept.append(body, from, to);
        from = word.to();
      }
    }
    return new HostsLine(kept.append(body.substring(from)).toString(), end);
  }

  /** The line with another address. */
  HostsLine withAddress(String address) {
    var first = words.getFirst();
    return new HostsLine(
        body.substring(0, first.from()) + address + body.substring(first.to()), end);
  }

  /** The comment alone; nothing at all where there is none. */
  HostsLine commentOnly() {
    int hash = body.indexOf('#');
    return hash < 0 ? new HostsLine("", "") : new HostsLine(body.substring(hash), end);
  }

  /** This line and further ones behind it, which end as it ends. */
  String followedBy(List<String> lines, String usualEnd) {
    if (lines.isEmpty()) {
      return text();
    }
    var between = end.isEmpty() ? usualEnd : end;
    return body + between + String.join(between, lines) + end;
  }

  private String spelling(Word word) {
    return body.substring(word.from(), word.to());
  }

  private static List<Word> words(String body) {
    var words = new ArrayList<Word>();
    boolean comment = false;
    boolean commentSinceReturn = false;
    int count = 0;
    int countSinceReturn = 0;
    boolean continued = false;
    for (int i = 0; i < body.length(); i++) {
      char c = body.charAt(i);
      if (c == '#') {
        comment = true;
        commentSinceReturn = true;
      } else if (c == '\r') {
        commentSinceReturn = false;
        countSinceReturn = 0;
        continued = true;
      } else if (BLANKS.indexOf(c) < 0) {
        int to = endOfWord(body, i);
        boolean name = (!comment && count > 0) || (!commentSinceReturn && countSinceReturn > 0);
        words.add(new Word(i, to, comment, name, continued));
        count++;
        countSinceReturn++;
        i = to - 1;
      }
    }
    return words;
  }

  private static int endOfWord(String body, int from) {
    int to = from;
    while (to < body.length() && body.charAt(to) != '#' && BLANKS.indexOf(body.charAt(to)) < 0) {
      to++;
    }
    return to;
  }

  /** Host names compare without case. */
  static String folded(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
