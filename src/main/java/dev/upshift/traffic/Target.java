package dev.upshift.traffic;

import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where an entry of a pooler leads.
 *
 * @param port where it is empty, the entry keeps its own
 */
record Target(String host, Optional<String> port) {
  /** What an entry without a port leads to. */
  static final String USUAL_PORT = "5432";

  private static final Pattern WITH_PORT =
      Pattern.compile("(?:\\[([^\\]]+)\\]|([^:]+)):([0-9]{1,5})");

  /** Reads an address, or an address and a port. */
  static Target parse(String text) {
    var matcher = WITH_PORT.matcher(text);
    if (!matcher.matches()) {
      return new Target(text, Optional.empty());
    }
    var host = Optional.ofNullable(matcher.group(1)).orElse(matcher.group(2));
    return new Target(host, Optional.of(matcher.group(3)));
  }

  /** Where an entry leads now; an empty host is PgBouncer's own Unix socket folder. */
  static Target of(IniText ini, String database) {
    return new Target(
        ini.parameter(database, "host").orElse(""),
        Optional.of(ini.parameter(database, "port").orElse(USUAL_PORT)));
  }

  boolean isMetBy(String actualHost, String actualPort) {
    return isSameHost(host, actualHost) && port.map(actualPort::equals).orElse(true);
  }

  /** Whether this leads to the same; two ways to write one address are one address. */
  boolean isMetBy(Target actual) {
    return isSameHost(host, actual.host) && (port.isEmpty() || port.equals(actual.port));
  }

  private static boolean isSameHost(String one, String other) {
    return one.equals(other) || (one.contains(":") && isSameLiteral(one, other));
  }

  private static boolean isSameLiteral(String one, String other) {
    try {
      return InetAddress.ofLiteral(one).equals(InetAddress.ofLiteral(other));
    } catch (IllegalArgumentException e) {
      return false; // one of them is a name, or the path of a socket
    }
  }

  /** The text with an entry that leads here; the same text where it does already. */
  IniText in(IniText ini, String database) {
    var led = ini;
    if (!ini.parameter(database, "host").equals(Optional.of(host))) {
      led = led.with(database, "host", Optional.of(host));
    }
    boolean same =
        port.map(ini.parameter(database, "port").orElse(USUAL_PORT)::equals).orElse(true);
    return same ? led : led.with(database, "port", port);
  }

  @Override
  public String toString() {
    return port.map(number -> host + " port " + number).orElse(host);
  }
}
