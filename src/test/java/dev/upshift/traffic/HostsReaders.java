package dev.upshift.traffic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How others read a hosts file, written from their sources and not from ours: glibc's nss_files
 * (files-hosts.c) and the JDK's -Djdk.net.hosts.file (InetAddress.HostsFileResolver).
 */
final class HostsReaders {
  record Entry(String address, String name) {}

  private static final String OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern ADDRESS =
      Pattern.compile(OCTET + "(\\." + OCTET + "){3}|::1|fe80::1|2001:db8::5");

  private static final Pattern FEED = Pattern.compile("\n");
  private static final Pattern END = Pattern.compile("\r\n|\n|\r");
  private static final Pattern BLANKS = Pattern.compile("[ \\t\\x0B\\f\\r]+");
  private static final Pattern SPACES = Pattern.compile("\\s+");

  private HostsReaders() {}

  /** Every name with its address, in the order of the file. */
  static List<Entry> glibc(String text) {
    List<Entry> entries = new ArrayList<>();
    for (var line : FEED.split(text, -1)) {
      var words = words(cut(cut(line, '\0'), '#'));
      if (!words.isEmpty() && ADDRESS.matcher(words.getFirst()).matches()) {
        words.stream().skip(1).forEach(name -> entries.add(new Entry(words.getFirst(), name)));
      }
    }
    return entries;
  }

  static List<String> glibcLookup(String text, String host) {
    return glibc(text).stream()
        .filter(entry -> entry.name().equalsIgnoreCase(host))
        .map(Entry::address)
        .toList();
  }

  /** That reader wants the spelling, and takes the blank before an indented line for an address. */
  static List<String> jdkLookup(String text, String host) {
    List<String> addresses = new ArrayList<>();
    for (var line : END.split(text, -1)) {
      var entry = cut(line, '#');
      if (entry.contains(host)) {
        var mapping = SPACES.split(entry);
        boolean named = Arrays.stream(mapping).skip(1).anyMatch(host::equalsIgnoreCase);
        if (named && ADDRESS.matcher(mapping[0]).matches()) {
          addresses.add(mapping[0]);
        }
      }
    }
    return addresses;
  }

  private static List<String> words(String text) {
    return Arrays.stream(BLANKS.split(text)).filter(word -> !word.isEmpty()).toList();
  }

  private static String cut(String line, char at) {
    int index = line.indexOf(at);
    return index < 0 ? line : line.substring(0, index);
  }
}
