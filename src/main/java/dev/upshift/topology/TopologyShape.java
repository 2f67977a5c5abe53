package dev.upshift.topology;

import dev.upshift.topology.Shape.Choice;
import dev.upshift.topology.Shape.Dictionary;
import dev.upshift.topology.Shape.Flag;
import dev.upshift.topology.Shape.Keyed;
import dev.upshift.topology.Shape.KnownKey;
import dev.upshift.topology.Shape.ListOf;
import dev.upshift.topology.Shape.Text;
import dev.upshift.topology.Shape.Whole;
import java.util.List;
import java.util.Map;

/** The one description of the topology file: every key, its form, its default and its meaning. */
final class TopologyShape {
  private static final Text CLUSTER =
      Text.of(
          "a cluster name",
          "^[a-z0-9_-]{1,40}$",
          "lower-case letters, digits, '_' and '-', at most 40");

  /** Takes part in paths, therefore it begins with a letter or digit and has no slash. */
  private static final Text SERVER =
      Text.of(
          "a server name",
          "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$",
          "letters, digits, '.', '_' and '-', at most 63");

  private static final Text HOST_NAME =
      Text.of(
          "a host name",
          "^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
              + "(?:\\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*$",
          "letters, digits, '-' and '_', parts divided by '.'");

  private static final Text ADDRESS =
      Text.of("an address", "^[0-9A-Za-z:._-]+$", "an IP address such as 10.0.0.11");

  private static final Text VERSION =
      Text.of(
          "a PostgreSQL version",
          "^(?:9\\.[0-9]{1,2}|[1-9][0-9])(?:\\.[0-9]{1,3})?$",
          "write the major version in quotes, like \"17\"");

  private static final Text ABSOLUTE =
      Text.of(
          "an absolute path",
          "^/[^\\u0000-\\u001f\\u007f]*$",
          "write the path from / on, without control characters");

  private static final Text TEMPLATE =
      Text.of(
          "an absolute path",
          "^/(?:[^\\u0000-\\u001f\\u007f{}]|\\{server\\})*$",
          "write the path from / on; {server} stands for the server's name, other braces mean"
              + " nothing");

  private static final Text PATH =
      Text.of(
          "a path",
          "^[^~\\u0000-\\u001f\\u007f][^\\u0000-\\u001f\\u007f]*$",
          "write an absolute path, or one relative to this file; '~' is not understood");

  private static final Text WORD =
      Text.of("a name", "^[^\\u0000-\\u001f\\u007f]+$", "one line of text, not empty");

  private static final Text OS_USER =
      Text.of(
          "a user of the operating system",
          "^[A-Za-z0-9_][A-Za-z0-9_.@\\\\-]*$",
          "the login name, like postgres");

  private static final Text DURATION =
      Text.of(
          "a duration",
          "^[1-9][0-9]{0,8}(?:ms|s|m|min|h)$",
          "a whole number and its unit: 500ms, 5s, 10m or 2h");

  private static final Text SIZE =
      Text.of(
          "a size",
          "^(?:[1-9][0-9]{0,8}(?:B|kB|MB|GB)|[1-9][0-9]{0,5}TB)$",
          "a whole number and its unit: 512kB, 16MB or 20GB");

  private static final Whole PORT = new Whole(1, 65535);

  private static final Keyed OLD =
      Keyed.of(
          KnownKey.required("version", VERSION, "the running major version, in quotes"),
          KnownKey.required("bin", ABSOLUTE, "the folder of its programs"),
          KnownKey.required("data", TEMPLATE, "its data directory on each server"),
          KnownKey.required("port", PORT, "the port it listens on"),
          KnownKey.required("sockets", TEMPLATE, "the folder of its Unix sockets on each server"));

  private static final Keyed NEW =
      Keyed.of(
          KnownKey.required("version", VERSION, "the major version to upgrade to, in quotes"),
          KnownKey.required("bin", ABSOLUTE, "the folder of its programs"),
          KnownKey.required("data", TEMPLATE, "its data directory on each server"),
          KnownKey.optional("port", PORT, "the port it listens on; default: the old side's"),
          KnownKey.optional(
              "sockets",
              TEMPLATE,
              "the folder of its Unix sockets on each server; default: the old side's"));

  private static final Keyed ADMIN =
      Keyed.of(
          KnownKey.required("user", WORD, "the superuser that initdb made; the tool works as it"),
          KnownKey.required(
              "passfile", PATH, "a file in the form of .pgpass, mode 0600, with its password"),
          KnownKey.optional(
              "os-user",
              OS_USER,
              "postgres",
              "the operating system's user that owns the data directories"),
          KnownKey.optional(
              "database", WORD, "postgres", "the database the tool connects to first"));

  private static final Keyed DATABASE_SERVER =
      Keyed.of(
          KnownKey.required("name", SERVER, "what this file and the reports call it"),
          KnownKey.required("address", ADDRESS, "its IP address"),
          KnownKey.required(
              "role",
              new Choice(List.of("primary", "standby", "candidate")),
              "what it is when the run begins; the candidate is the extra standby that is"
                  + " upgraded and becomes the new primary"));

  private static final Keyed TRAFFIC =
      Keyed.of(
          KnownKey.required(
              "hosts-file",
              Keyed.of(
                  KnownKey.required(
                      "path", TEMPLATE, "the file on each application server, like /etc/hosts")),
              "the hosts file of each application server leads names to addresses"));

  private static final Keyed HAPROXY =
      Keyed.of(
          KnownKey.required("socket", ABSOLUTE, "its admin-level stats socket"),
          KnownKey.required(
              "backends",
              ListOf.some(WORD),
              "the backends that list the online fleet, under the servers' names"),
          KnownKey.required("host", SERVER, "the machine it runs on"));

  private static final Keyed ONLINE =
      Keyed.of(
          KnownKey.required("servers", ListOf.some(SERVER), "the fleet that must keep serving"),
          KnownKey.required(
              "minimal",
              ListOf.some(SERVER),
              "the part of it that stays in the load balancer during the switch"),
          KnownKey.optional(
              "park",
              SERVER,
              "the standby that reads go to while writes are held; default: the first standby"),
          KnownKey.optional(
              "balancer",
              Keyed.of(KnownKey.required("haproxy", HAPROXY, "HAProxy, on its runtime socket")),
              "the load balancer in front of it"));

  private static final Keyed OFFLINE =
      Keyed.of(
          KnownKey.optional(
              "servers", ListOf.any(SERVER), List.of(), "the fleet that may be stopped"),
          KnownKey.optional(
              "stop",
              ListOf.any(WORD),
              List.of(),
              "the command and its arguments that stop the workers of one server gracefully"),
          KnownKey.optional("start", ListOf.any(WORD), List.of(), "the same, to start them"),
          KnownKey.optional(
              "status",
              ListOf.any(WORD),
              List.of(),
              "exits 0 if they run and 3 if they do not, as systemctl does"),
          KnownKey.optional(
              "last",
              ListOf.any(SERVER),
              List.of(),
              "the servers whose tasks are time-sensitive: they stop last"));

  private static final Keyed LIMITS =
      Keyed.of(
          KnownKey.optional(
              "hold",
              Keyed.of(
                  KnownKey.optional("logical", DURATION, "5s", "in the logical method"),
                  KnownKey.optional("physical", DURATION, "10m", "in the physical method")),
              Map.of(),
              "the longest time writes may be held"),
          KnownKey.optional(
              "lag", SIZE, "16MB", "how far the candidate may be behind when the switch begins"));

  private static final Keyed PROBE =
      Keyed.of(
          KnownKey.required(
              "user", WORD, "the role it works as; its password is in admin.passfile"),
          KnownKey.required("database", WORD, "the database it reads and writes"),
          KnownKey.optional("rate", new Whole(1, 1000), 20, "attempts a second in each lane"),
          KnownKey.optional("writes", new Flag(), true, "whether it writes too"),
          KnownKey.required(
              "from", SERVER, "the server of online.minimal whose hosts file it uses"),
          KnownKey.required("read", HOST_NAME, "the name it reads from"),
          KnownKey.required("write", HOST_NAME, "the name it writes to"));

  static final Keyed TOPOLOGY =
      Keyed.of(
          KnownKey.required("cluster", CLUSTER, "the cluster's name"),
          KnownKey.optional(
              "access",
              new Choice(List.of("local")),
              "local",
              "how its machines are reached; local: every server is this machine"),
          KnownKey.optional(
              "state",
              PATH,
              ".upshift",
              "the folder where runs are kept; a relative path is relative to this file"),
          KnownKey.required("old", OLD, "the running cluster"),
          KnownKey.required("new", NEW, "the cluster to upgrade to"),
          KnownKey.required("admin", ADMIN, "the superuser the tool works as"),
          KnownKey.required(
              "servers",
              ListOf.some(DATABASE_SERVER),
              "the database servers: one primary, one candidate, standbys"),
          KnownKey.required(
              "names",
              new Dictionary(HOST_NAME, SERVER),
              "the database names that applications use, each with the server it leads to"),
          KnownKey.required(
              "traffic", new ListOf(TRAFFIC, 1, 1), "what leads clients to the servers"),
          KnownKey.required("online", ONLINE, "the fleet that must keep serving"),
          KnownKey.optional("offline", OFFLINE, Map.of(), "the fleet that may be stopped"),
          KnownKey.optional("limits", LIMITS, Map.of(), "the operator's bounds"),
          KnownKey.optional("probe", PROBE, "how reads and writes are measured from outside"));

  private TopologyShape() {}
}
