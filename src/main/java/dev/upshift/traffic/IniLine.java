package dev.upshift.traffic;

import java.util.ArrayList;
import java.util.List;

/**
 * One {@code key = value} of PgBouncer's configuration.
 *
 * @param section the section it stands in
 * @param from where its value begins in the text
 * @param to where its value ends, without the blanks behind it
 */
record IniLine(String section, String key, int from, int to) {
  /** C's isspace. */
  private static final String SPACE = " \t\n\u000B\f\r";

  /**
   * Reads a text as PgBouncer does (libusual's cfparser): a comment is a whole line; a key is
   * letters, digits and {@code _.-*}; a value goes up to the end of its line. Where PgBouncer would
   * stop with a syntax error, the rest of that line is passed over.
   */
  static List<IniLine> in(String text) {
    var lines = new ArrayList<IniLine>();
    var section = "";
    int at = skip(text, 0, SPACE);
    while (at < text.length()) {
      int end = endOfLine(text, at);
      int close = text.charAt(at) == '[' ? text.indexOf(']', at) : -1;
      if (close >= 0 && close < end) {
        section = text.substring(at + 1, close);
        at = skip(text, close + 1, SPACE);
        continue;
      }
      int keyEnd = at;
      while (keyEnd < end && isOfKey(text.charAt(keyEnd))) {
        keyEnd++;
      }
      int equals = skip(text, keyEnd, " \t");
      if (keyEnd > at && equals < end && text.charAt(equals) == '=') {
        int from = Math.min(end, skip(text, equals + 1, " \t"));
        lines.add(new IniLine(section, text.substring(at, keyEnd), from, trimmed(text, from, end)));
      }
      at = skip(text, end, SPACE);
    }
    return lines;
  }

  private static boolean isOfKey(char c) {
    return c < 128 && (Character.isLetterOrDigit(c) || "_.-*".indexOf(c) >= 0);
  }

  private static int endOfLine(String text, int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }

  private static int skip(String text, int from, String which) {
    int at = from;
    while (at < text.length() && which.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at;
  }

  private static int trimmed(String text, int from, int end) {
    int to = end;
    while (to > from && SPACE.indexOf(text.charAt(to - 1)) >= 0) {
      to--;
    }
    return to;
  }
}
