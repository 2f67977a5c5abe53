package dev.upshift.topology;

import dev.upshift.topology.Shape.Choice;
import dev.upshift.topology.Shape.Dictionary;
import dev.upshift.topology.Shape.Flag;
import dev.upshift.topology.Shape.Key;
import dev.upshift.topology.Shape.Keyed;
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
          Key.required("version", VERSION, "the running major version, in quotes"),
          Key.required("bin", ABSOLUTE, "the folder of its programs"),
          Key.required("data", TEMPLATE, "its data directory on each server"),
          Key.required("port", PORT, "the port it listens on"),
          Key.required("sockets", TEMPLATE, "the folder of its Unix sockets on each server"));

  private static final Keyed NEW =
      Keyed.of(
          Key.required("version", VERSION, "the major version to upgrade to, in quotes"),
          Key.required("bin", ABSOLUTE, "the folder of its programs"),
          Key.required("data", TEMPLATE, "its data directory on each server"),
          Key.optional("port", PORT, "the port it listens on; default: the old side's"),
          Key.optional(
              "sockets",
              TEMPLATE,
              "the folder of its Unix sockets on each server; default: the old side's"));

  private static final Keyed ADMIN =
      Keyed.of(
          Key.required("user", WORD, "the superuser that initdb made; the tool works as it"),
          Key.required(
              "passfile", PATH, "a file in the form of .pgpass, mode 0600, with its password"),
          Key.optional(
              "os-user",
              OS_USER,
              "postgres",
              "the operating system's user that owns the data directories"),
          Key.optional("database", WORD, "postgres", "the database the tool connects to first"));

  private static final Keyed DATABASE_SERVER =
      Keyed.of(
          Key.required("name", SERVER, "what this file and the reports call it"),
          Key.required("address", ADDRESS, "its IP address"),
          Key.required(
              "role",
              new Choice(List.of("primary", "standby", "candidate")),
              "what it is when the run begins; the candidate is the extra standby that is"
                  + " upgraded and becomes the new primary"));

  private static final Keyed TRAFFIC =
      Keyed.of(
          Key.required(
              "hosts-file",
              Keyed.of(
                  Key.required(
                      "path", TEMPLATE, "the file on each application server, like /etc/hosts")),
              "the hosts file of each application server leads names to addresses"));

  private static final Keyed HAPROXY =
      Keyed.of(
          Key.required("socket", ABSOLUTE, "its admin-level stats socket"),
          Key.required(
              "backends",
              ListOf.some(WORD),
              "the backends that list the online fleet, under the servers' names"),
          Key.required("host", SERVER, "the machine it runs on"));

  private static final Keyed ONLINE =
      Keyed.of(
          Key.required("servers", ListOf.some(SERVER), "the fleet that must keep serving"),
          Key.required(
              "minimal",
              ListOf.some(SERVER),
              "the part of it that stays in the load balancer during the switch"),
          Key.optional(
              "park",
              SERVER,
              "the standby that reads go to while writes are held; default: the first standby"),
          Key.optional(
              "balancer",
              Keyed.of(Key.required("haproxy", HAPROXY, "HAProxy, on its runtime socket")),
              "the load balancer in front of it"));

  private static final Keyed OFFLINE =
      Keyed.of(
          Key.optional("servers", ListOf.any(SERVER), List.of(), "the fleet that may be stopped"),
          Key.optional(
              "stop",
              ListOf.any(WORD),
              List.of(),
              "the command and its arguments that stop the workers of one server gracefully"),
          Key.optional("start", ListOf.any(WORD), List.of(), "the same, to start them"),
          Key.optional(
              "status",
              ListOf.any(WORD),
              List.of(),
              "exits 0 if they run and 3 if they do not, as systemctl does"),
          Key.optional(
              "last",
              ListOf.any(SERVER),
              List.of(),
              "the servers whose tasks are time-sensitive: they stop last"));

  private static final Keyed LIMITS =
      Keyed.of(
          Key.optional(
              "hold",
              Keyed.of(
                  Key.optional("logical", DURATION, "5s", "in the logical method"),
                  Key.optional("physical", DURATION, "10m", "in the physical method")),
              Map.of(),
              "the longest time writes may be held"),
          Key.optional(
              "lag", SIZE, "16MB", "how far the candidate may be behind when the switch begins"));

  private static final Keyed PROBE =
      Keyed.of(
          Key.required("user", WORD, "the role it works as; its password is in admin.passfile"),
          Key.required("database", WORD, "the database it reads and writes"),
          Key.optional("rate", new Whole(1, 1000), 20, "attempts a second in each lane"),
          Key.optional("writes", new Flag(), true, "whether it writes too"),
          Key.required("from", SERVER, "the server of online.minimal whose hosts file it uses"),
          Key.required("read", HOST_NAME, "the name it reads from"),
          Key.required("write", HOST_NAME, "the name it writes to"));

  static final Keyed TOPOLOGY =
      Keyed.of(
          Key.required("cluster", CLUSTER, "the cluster's name"),
          Key.optional(
              "access",
              new Choice(List.of("local")),
              "local",
              "how its machines are reached; local: every server is this machine"),
          Key.optional(
              "state",
              PATH,
              ".upshift",
              "the folder where runs are kept; a relative path is relative to this file"),
          Key.required("old", OLD, "the running cluster"),
          Key.required("new", NEW, "the cluster to upgrade to"),
          Key.required("admin", ADMIN, "the superuser the tool works as"),
          Key.required(
              "servers",
              ListOf.some(DATABASE_SERVER),
              "the database servers: one primary, one candidate, standbys"),
          Key.required(
              "names",
              new Dictionary(HOST_NAME, SERVER),
              "the database names that applications use, each with the server it leads to"),
          Key.required("traffic", new ListOf(TRAFFIC, 1, 1), "what leads clients to the servers"),
          Key.required("online", ONLINE, "the fleet that must keep serving"),
          Key.optional("offline", OFFLINE, Map.of(), "the fleet that may be stopped"),
          Key.optional("limits", LIMITS, Map.of(), "the operator's bounds"),
          Key.optional("probe", PROBE, "how reads and writes are measured from outside"));

  private TopologyShape() {}
}
