package dev.upshift.topology;

import dev.upshift.topology.Shape.Text;

/** The forms that texts of the topology file have. */
final class Forms {
  static final Text CLUSTER =
      Text.of(
          "a cluster name",
          "^[a-z0-9_-]{1,40}$",
          "lower-case letters, digits, '_' and '-', at most 40");

  /** Takes part in paths, therefore it begins with a letter or digit and has no slash. */
  static final Text SERVER =
      Text.of(
          "a server name",
          "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$",
          "letters, digits, '.', '_' and '-', at most 63");

  static final Text HOST_NAME =
      Text.of(
          "a host name",
          "^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
              + "(?:\\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*$",
          "letters, digits, '-' and '_', parts divided by '.'");

  static final Text ADDRESS =
      Text.of("an address", "^[0-9A-Za-z:._-]+$", "an IP address such as 10.0.0.11");

  static final Text VERSION =
      Text.of(
          "a PostgreSQL version",
          "^(?:9\\.[0-9]{1,2}|[1-9][0-9])(?:\\.[0-9]{1,3})?$",
          "write the major version in quotes, like \"17\"");

  static final Text ABSOLUTE =
      Text.of(
          "an absolute path",
          "^/[^\\u0000-\\u001f\\u007f]*$",
          "write the path from / on, without control characters");

  static final Text TEMPLATE =
      Text.of(
          "an absolute path",
          "^/(?:[^\\u0000-\\u001f\\u007f{}]|\\{server\\})*$",
          "write the path from / on; {server} stands for the server's name, other braces mean"
              + " nothing");

  /** systemd's own characters (systemd.unit(5)), without those that mean something to a shell. */
  static final Text UNIT =
      Text.of(
          "a unit of systemd",
          "^(?:[A-Za-z0-9:_.@-]|\\{server\\})+$",
          "its name, like postgresql@17-main or postgresql-17.service");

  static final Text PROXY_SERVER =
      Text.of(
          "a server of HAProxy",
          "^[A-Za-z0-9_.:-]+/[A-Za-z0-9_.:-]+$",
          "the backend's name, '/', the server's name");

  static final Text PATH =
      Text.of(
          "a path",
          "^[^~\\u0000-\\u001f\\u007f][^\\u0000-\\u001f\\u007f]*$",
          "write an absolute path, or one relative to this file; '~' is not understood");

  static final Text WORD =
      Text.of("a name", "^[^\\u0000-\\u001f\\u007f]+$", "one line of text, not empty");

  static final Text OS_USER =
      Text.of(
          "a user of the operating system",
          "^[A-Za-z0-9_][A-Za-z0-9_.@\\\\-]*$",
          "the login name, like postgres");

  static final Text DURATION =
      Text.of(
          "a duration",
          "^[1-9][0-9]{0,8}(?:ms|s|m|min|h)$",
          "a whole number and its unit: 500ms, 5s, 10m or 2h");

  static final Text SIZE =
      Text.of(
          "a size",
          "^(?:[1-9][0-9]{0,8}(?:B|kB|MB|GB)|[1-9][0-9]{0,5}TB)$",
          "a whole number and its unit: 512kB, 16MB or 20GB");

  /**
   * PgBouncer reads no other names in {@code [databases]}, quoted or not (its issue #971; tried
   * with 1.18 and 1.26), and its console takes 61 characters in quotes.
   */
  static final Text POOL =
      Text.of(
          "a name of an entry in [databases]",
          "^[A-Za-z0-9_.-]{1,61}$",
          "letters, digits, '_', '.' and '-', at most 61: PgBouncer reads no others");

  private Forms() {}
}
