package dev.upshift.traffic;

import java.util.ArrayList;
import java.util.List;

/**
 * One {@code key=value} within an entry of {@code [databases]}.
 *
 * @param value without its quotes
 * @param keyFrom where it begins in the entry
 * @param from where its value begins, with the quote if it has one
 * @param to where its value ends, with the quote
 */
record IniPair(String key, String value, int keyFrom, int from, int to) {

  /**
   * Reads an entry as PgBouncer does (loader.c, cstr_get_pair): a value in single quotes, with
   * quotes doubled, or up to the next space; a tab is no blank but a part of a key or value (tried
   * with 1.18 and 1.26). What follows a mistake is not read.
   */
  static List<IniPair> in(String entry) {
    var pairs = new ArrayList<IniPair>();
    int at = skip(entry, 0);
    while (at < entry.length()) {
      int keyEnd = at;
      while (keyEnd < entry.length()
          && entry.charAt(keyEnd) != '='
          && entry.charAt(keyEnd) != ' ') {
        keyEnd++;
      }
      int equals = skip(entry, keyEnd);
      if (keyEnd == at || equals == entry.length() || entry.charAt(equals) != '=') {
        break;
      }
      int from = skip(entry, equals + 1);
      var value = new StringBuilder();
      int to = value(entry, from, value);
      if (to < 0 || value.isEmpty()) {
        break;
      }
      pairs.add(new IniPair(entry.substring(at, keyEnd), value.toString(), at, from, to));
      at = skip(entry, to);
    }
    return pairs;
  }

  /** Where the value ends; -1 if its quote is not closed. */
  private static int value(String entry, int from, StringBuilder value) {
    if (from < entry.length() && entry.charAt(from) == '\'') {
      int at = from + 1;
      while (at < entry.length()) {
        char c = entry.charAt(at++);
        boolean doubled = c == '\'' && at < entry.length() && entry.charAt(at) == '\'';
        if (c == '\'' && !doubled) {
          return at;
        }
        at += doubled ? 1 : 0;
        value.append(c);
      }
      return -1;
    }
    int end = entry.indexOf(' ', from);
    int to = end < 0 ? entry.length() : end;
    value.append(entry, from, to);
    return to;
  }

  String replaced(String entry, String fresh) {
    boolean quoted = entry.charAt(from) == '\'';
    return entry.substring(0, from) + written(fresh, quoted) + entry.substring(to);
  }

  /** Without it and the blanks behind it; before it, where it is the last. */
  String removed(String entry) {
    int next = skip(entry, to);
    return next < entry.length()
        ? entry.substring(0, keyFrom) + entry.substring(next)
        : entry.substring(0, keyFrom).stripTrailing();
  }

  static String prepended(String entry, String key, String fresh) {
    return key + "=" + written(fresh, false) + (entry.isEmpty() ? "" : " ") + entry;
  }

  private static String written(String value, boolean quoted) {
    if (value.isEmpty() || value.indexOf('\n') >= 0) {
      throw new IllegalArgumentException("no value of an entry: '" + value + "'");
    }
    boolean needed = quoted || value.indexOf(' ') >= 0 || value.startsWith("'");
    return needed ? "'" + value.replace("'", "''") + "'" : value;
  }

  private static int skip(String entry, int from) {
    int at = from;
    while (at < entry.length() && entry.charAt(at) == ' ') {
      at++;
    }
    return at;
  }
}
