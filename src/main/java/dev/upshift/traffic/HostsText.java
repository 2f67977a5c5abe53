package dev.upshift.traffic;

import static dev.upshift.traffic.HostsLine.folded;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The text of a hosts file, and where it leads the names we manage. Only those names are ever
 * changed: every other byte stays, be it a comment, a blank, another program's marker, an end of
 * line or no text at all. Read and write the file in ISO 8859-1, which carries any byte.
 *
 * <p>Host names compare without case, but a name keeps the spelling it has in the file, because the
 * JDK's reader looks for the spelling. That reader also skips indented lines, and an indented line
 * stays indented: what it did not find before, it does not find after.
 *
 * @param text the whole file
 */
public record HostsText(String text) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");
  private static final Pattern ADDRESS = Pattern.compile("[0-9A-Fa-f.:]+");

  /** Takes the text of a hosts file. Every text is one; lines that mean nothing are kept. */
  public static HostsText parse(String text) {
    return new HostsText(text);
  }

  /**
   * Where the file leads names: the address of the first line with the name, as resolvers read it.
   *
   * @param names host names, compared without case
   * @return the names as given, each with its address; a name that is not there is left out
   */
  public Map<String, String> addresses(Set<String> names) {
    var lines = HostsLine.split(text);
    var found = new LinkedHashMap<String, String>();
    for (var name : names) {
      lines.stream()
          .filter(line -> line.carries(name::equalsIgnoreCase))
          .flatMap(line -> line.address().stream())
          .filter(HostsText::isAddress)
          .findFirst()
          .ifPresent(address -> found.put(name, address));
    }
    return found;
  }

  /**
   * Leads names to addresses. Afterwards each of them stands on exactly one line, where it stood
   * first; one that was not there stands at the end.
   *
   * @param addresses host names, compared without case, each with an IP address
   * @throws IllegalArgumentException when a name or an address cannot stand in a hosts file, or one
   *     name is given two addresses
   */
  public HostsText pointing(Map<String, String> addresses) {
    return new Pointing(wanted(addresses)).apply(HostsLine.split(text));
  }

  private static Map<String, String> wanted(Map<String, String> addresses) {
    var wanted = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    addresses.forEach((name, address) -> {
      if (!NAME.matcher(name).matches() || !isAddress(address)) {
        throw new IllegalArgumentException("no line of a hosts file: " + address + " " + name);
      }
      var earlier = wanted.putIfAbsent(name, address);
      if (earlier != null && !earlier.equals(address)) {
        throw new IllegalArgumentException("two addresses for " + name);
      }
    });
    return wanted;
  }

  /** An address that every resolver reads alike: inet_pton knows no short forms as 127.1 is. */
  private static boolean isAddress(String text) {
    if (!ADDRESS.matcher(text).matches()) {
      return false;
    }
    try {
      return !(InetAddress.ofLiteral(text) instanceof Inet4Address four)
          || four.getHostAddress().equals(text);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** One way through the file; {@code wanted} compares names without case. */
  private static final class Pointing {
    private final Map<String, String> wanted;
    private final Set<String> placed = new HashSet<>();

    Pointing(Map<String, String> wanted) {
      this.wanted = wanted;
    }

    HostsText apply(List<HostsLine> lines) {
      var usualEnd =
          lines.stream()
              .map(HostsLine::end)
              .filter(end -> !end.isEmpty())
              .reduce((_, last) -> last)
              .orElse("\n");
      var result = new StringBuilder();
      lines.forEach(line -> result.append(point(line, usualEnd)));
      append(result, usualEnd);
      return new HostsText(result.toString());
    }

    private String point(HostsLine line, String usualEnd) {
      if (!line.carries(wanted::containsKey)) {
        return line.text();
      }
      // As spelled here, and only those that stand here first.
      var first =
          line.names().stream()
              .filter(name -> wanted.containsKey(name) && placed.add(folded(name)))
              .toList();
      if (!line.carriesOnly(wanted::containsKey)) {
        return line.keeping(name -> !wanted.containsKey(name))
            .followedBy(ownLines(first, _ -> true), usualEnd);
      }
      if (first.isEmpty()) {
        return line.commentOnly().text();
      }
      var address = addressOf(first.getFirst());
      Predicate<String> moves = name -> !addressOf(name).equals(address);
      var staying = new HashSet<>(first);
      staying.removeIf(moves);
      return line.keeping(staying::remove)
          .withAddress(address)
          .followedBy(ownLines(first, moves), usualEnd);
    }

    private List<String> ownLines(List<String> names, Predicate<String> which) {
      return names.stream().filter(which).map(name -> addressOf(name) + " " + name).toList();
    }

    private String addressOf(String name) {
      return Objects.requireNonNull(wanted.get(name));
    }

    private void append(StringBuilder text, String usualEnd) {
      var missing =
          wanted.keySet().stream().filter(name -> !placed.contains(folded(name))).toList();
      if (missing.isEmpty()) {
        return;
      }
      boolean ended = text.isEmpty() || text.charAt(text.length() - 1) == '\n';
      text.append(ended ? "" : usualEnd)
          .append(String.join(usualEnd, ownLines(missing, _ -> true)))
          .append(ended ? usualEnd : "");
    }
  }
}
