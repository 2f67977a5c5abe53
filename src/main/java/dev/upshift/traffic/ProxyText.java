package dev.upshift.traffic;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of an HAProxy configuration, of which only the addresses of some servers are changed
 * (configuration manual, "server"): {@code server NAME ADDRESS[:PORT] …} in a section {@code
 * backend} or {@code listen}. Every other byte stays.
 */
record ProxyText(String text) {
  /** What begins a section; blanks before it mean nothing (cfgparse.c). */
  private static final Set<String> SECTIONS =
      Set.of(
          "global",
          "defaults",
          "frontend",
          "backend",
          "listen",
          "peers",
          "resolvers",
          "userlist",
          "mailers",
          "program",
          "http-errors",
          "ring",
          "cache",
          "fcgi-app",
          "crt-store",
          "traces",
          "log-forward",
          "log-profile",
          "acme");

  private static final Set<String> WITH_SERVERS = Set.of("backend", "listen");
  private static final Pattern WORDS = Pattern.compile("^\\s*(\\S+)(?:\\s+(\\S+))?.*$");
  private static final Pattern SERVER = Pattern.compile("^(\\s*server\\s+)(\\S+)(\\s+)(\\S+)(.*)$");
  private static final Pattern LINES = Pattern.compile("[^\n]*\n|[^\n]+$");

  /** How the address of each server is written, by backend/server. */
  Map<String, String> addresses() {
    var addresses = new TreeMap<String, String>();
    changed((server, address) -> {
      addresses.put(server, address);
      return address;
    });
    return addresses;
  }

  /** The same with servers, named backend/server, at these addresses with their ports. */
  ProxyText pointing(Map<String, Target> servers) {
    return changed((server, address) ->
        Optional.ofNullable(servers.get(server))
            .map(target -> written(target, address))
            .orElse(address));
  }

  /** The same with addresses written in this way. */
  ProxyText with(Map<String, String> addresses) {
    return changed((server, address) -> addresses.getOrDefault(server, address));
  }

  private ProxyText changed(BiFunction<String, String, String> change) {
    var section = new String[] {""};
    return new ProxyText(
        LINES
            .matcher(text)
            .results()
            .map(line -> changed(line.group(), section, change))
            .collect(Collectors.joining()));
  }

  private static String changed(
      String line, String[] section, BiFunction<String, String, String> change) {
    var body = line.replaceFirst("\\R$", "");
    var words = WORDS.matcher(body);
    if (words.matches() && SECTIONS.contains(words.group(1))) {
      boolean has = WITH_SERVERS.contains(words.group(1)) && words.group(2) != null;
      section[0] = has ? words.group(2) : "";
      return line;
    }
    var server = SERVER.matcher(body);
    if (section[0].isEmpty() || !server.matches()) {
      return line;
    }
    return server.group(1)
        + server.group(2)
        + server.group(3)
        + change.apply(section[0] + "/" + server.group(2), server.group(4))
        + server.group(5)
        + line.substring(body.length());
  }

  /** As it stands there, where it leads there already; without a port, the server keeps its own. */
  private static String written(Target target, String now) {
    if (target.isMetBy(Target.parse(now))) {
      return now;
    }
    var port =
        target
            .port()
            .map(number -> ":" + number)
            .orElseGet(() -> now.matches(".*:\\d+") ? now.substring(now.lastIndexOf(':')) : "");
    return (target.host().contains(":") ? "[" + target.host() + "]" : target.host()) + port;
  }
}
