package dev.upshift.topology;

import static dev.upshift.topology.Forms.ABSOLUTE;
import static dev.upshift.topology.Forms.ADDRESS;
import static dev.upshift.topology.Forms.CLUSTER;
import static dev.upshift.topology.Forms.DURATION;
import static dev.upshift.topology.Forms.HOST_NAME;
import static dev.upshift.topology.Forms.OS_USER;
import static dev.upshift.topology.Forms.PATH;
import static dev.upshift.topology.Forms.POOL;
import static dev.upshift.topology.Forms.PROXY_SERVER;
import static dev.upshift.topology.Forms.SERVER;
import static dev.upshift.topology.Forms.SIZE;
import static dev.upshift.topology.Forms.TEMPLATE;
import static dev.upshift.topology.Forms.UNIT;
import static dev.upshift.topology.Forms.VERSION;
import static dev.upshift.topology.Forms.WORD;

import dev.upshift.topology.Shape.Choice;
import dev.upshift.topology.Shape.Dictionary;
import dev.upshift.topology.Shape.Flag;
import dev.upshift.topology.Shape.Keyed;
import dev.upshift.topology.Shape.KnownKey;
import dev.upshift.topology.Shape.ListOf;
import dev.upshift.topology.Shape.OneKey;
import dev.upshift.topology.Shape.Whole;
import java.util.List;
import java.util.Map;

/** The one description of the topology file: every key, its form, its default and its meaning. */
final class TopologyShape {
  private static final Whole PORT = new Whole(1, 65535);

  private static final OneKey SERVICE =
      OneKey.of(
          KnownKey.optional(
              "systemd", UNIT, "a unit of systemd; {server} stands for the server's name"),
          KnownKey.optional(
              "pg_ctlcluster", SERVER, "the cluster's name, where Debian's pg_ctlcluster does it"));

  private static final String CONFIG =
      "the folder of postgresql.conf, pg_hba.conf and pg_ident.conf on each server; default: the"
          + " data directory";

  private static final String SERVED_BY = "what starts and stops it; default: pg_ctl";

  private static final Keyed OLD =
      Keyed.of(
          KnownKey.required("version", VERSION, "the running major version, in quotes"),
          KnownKey.required("bin", ABSOLUTE, "the folder of its programs"),
          KnownKey.required("data", TEMPLATE, "its data directory on each server"),
          KnownKey.optional("config", TEMPLATE, CONFIG),
          KnownKey.required("port", PORT, "the port it listens on"),
          KnownKey.required("sockets", TEMPLATE, "the folder of its Unix sockets on each server"),
          KnownKey.optional("service", SERVICE, SERVED_BY));

  private static final Keyed NEW =
      Keyed.of(
          KnownKey.required("version", VERSION, "the major version to upgrade to, in quotes"),
          KnownKey.required("bin", ABSOLUTE, "the folder of its programs"),
          KnownKey.required("data", TEMPLATE, "its data directory on each server"),
          KnownKey.optional("config", TEMPLATE, CONFIG),
          KnownKey.optional("port", PORT, "the port it listens on; default: the old side's"),
          KnownKey.optional(
              "sockets",
              TEMPLATE,
              "the folder of its Unix sockets on each server; default: the old side's"),
          KnownKey.optional("service", SERVICE, SERVED_BY));

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
              new Choice(List.of("primary", "standby", "candidate", "new-standby")),
              "what it is when the run begins; the candidate is the extra standby that is"
                  + " upgraded and becomes the new primary; a new-standby is a place with nothing"
                  + " on it yet, where a standby of the new version is built before the switch"
                  + " (method physical: after it)"));

  private static final Keyed CANDIDATE =
      Keyed.of(
          KnownKey.optional(
              "from",
              SERVER,
              "a standby that the base backup is taken from, so that the primary does not read and"
                  + " send it all"),
          KnownKey.optional(
              "restore",
              ListOf.some(WORD),
              "a program of yours and its arguments that restores a backup of the old cluster into"
                  + " the candidate's data directory, as admin.os-user on its machine: docs/backups.md;"
                  + " {data} and {server} stand for the directory and the candidate's name"));

  private static final Keyed SSH =
      Keyed.of(
          KnownKey.optional(
              "config",
              PATH,
              "a configuration file for ssh in place of the usual one; it may say addresses, keys,"
                  + " jump hosts"),
          KnownKey.optional(
              "user",
              WORD,
              "the account to log in to: root, or one that sudo lets work as admin.os-user and"
                  + " root"));

  private static final Keyed HOSTS_FILE =
      Keyed.of(
          KnownKey.required(
              "path", TEMPLATE, "the file on each application server, like /etc/hosts"));

  private static final Keyed POOLER =
      Keyed.of(
          KnownKey.required("host", SERVER, "the machine it runs on"),
          KnownKey.required("config", ABSOLUTE, "its configuration, like pgbouncer.ini"));

  private static final Keyed PGBOUNCER =
      Keyed.of(
          KnownKey.required(
              "processes",
              ListOf.some(POOLER),
              "every process; those that share a port (so_reuseport) have a configuration and a"
                  + " socket folder each"),
          KnownKey.required(
              "read-write",
              ListOf.some(POOL),
              "the entries of [databases] that lead to the primary"),
          KnownKey.optional(
              "read-only",
              new Dictionary(POOL, SERVER),
              "the entries that are only read from, each with the server it leads to"),
          KnownKey.optional(
              "admin",
              WORD,
              "pgbouncer",
              "a user of admin_users; its password is in admin.passfile"),
          KnownKey.optional(
              "session-pooling",
              new Choice(List.of("refuse", "consent")),
              "refuse",
              "whether a pool in session mode will do: where a client is connected so, all clients"
                  + " of the pool are cut off (KILL), and wait when they come again"));

  private static final Keyed PROXY =
      Keyed.of(
          KnownKey.required("host", SERVER, "the machine it runs on"),
          KnownKey.required("socket", ABSOLUTE, "its admin-level stats socket"),
          KnownKey.optional(
              "config",
              ABSOLUTE,
              "its configuration, where addresses are to be changed in it, too; without it they"
                  + " count until it starts anew"),
          KnownKey.required(
              "servers",
              new Dictionary(PROXY_SERVER, SERVER),
              "servers of its backends, as backend/server, each with the server it leads to"));

  private static final Keyed HOOK =
      Keyed.of(
          KnownKey.required("host", SERVER, "the machine it runs on"),
          KnownKey.required("command", ListOf.some(WORD), "the program and arguments of its own"),
          KnownKey.required(
              "names",
              new Dictionary(WORD, SERVER),
              "what it leads, each with the server it leads to"),
          KnownKey.optional("limit", DURATION, "30s", "what one call may take"));

  private static final OneKey TRAFFIC =
      OneKey.of(
          KnownKey.optional(
              "hosts-file",
              HOSTS_FILE,
              "the hosts file of each application server leads names to addresses"),
          KnownKey.optional(
              "pgbouncer", PGBOUNCER, "poolers lead the databases that clients ask for"),
          KnownKey.optional("haproxy", PROXY, "HAProxy leads connections to servers"),
          KnownKey.optional("hook", HOOK, "a program of yours leads names: docs/hook.md"));

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

  private static final Keyed AGENTS =
      Keyed.of(
          KnownKey.optional(
              "servers", ListOf.any(SERVER), List.of(), "the database servers that have one"),
          KnownKey.optional(
              "pause",
              ListOf.any(WORD),
              List.of(),
              "the command and its arguments that keep the agent of one server from acting"),
          KnownKey.optional(
              "resume",
              ListOf.any(WORD),
              List.of(),
              "the same, to let it act again: in an undo, and at the end of upshift finish where a"
                  + " server is left"),
          KnownKey.optional(
              "status",
              ListOf.any(WORD),
              List.of(),
              "exits 0 if it acts and 3 if it is paused, also while its server is stopped or turns"
                  + " clients away"));

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
              "lag", SIZE, "16MB", "how far the candidate may be behind when the switch begins"),
          KnownKey.optional(
              "retained-wal",
              SIZE,
              "20GB",
              "how much WAL the old primary may retain for the new one in the logical method;"
                  + " past it the upgrade is given up, and its disk wins"));

  private static final Keyed PROBE =
      Keyed.of(
          KnownKey.required(
              "user", WORD, "the role it works as; its password is in admin.passfile"),
          KnownKey.required("database", WORD, "the database that has its tables"),
          KnownKey.optional("rate", new Whole(1, 1000), 20, "attempts a second in each lane"),
          KnownKey.optional("writes", new Flag(), true, "whether it writes too"),
          KnownKey.required(
              "from",
              SERVER,
              "the server of online.minimal in whose place it stands; its hosts file is used where"
                  + " there is one"),
          KnownKey.required(
              "read", ADDRESS, "the host it reads from: one of names, or else a pooler's host"),
          KnownKey.required("write", ADDRESS, "the host it writes to"),
          KnownKey.optional("port", PORT, "the port of both; default: the old side's"),
          KnownKey.optional(
              "read-database",
              WORD,
              "what it asks a pooler for in order to read; default: the database"),
          KnownKey.optional(
              "write-database",
              WORD,
              "what it asks a pooler for in order to write; default: the database"));

  static final Keyed TOPOLOGY =
      Keyed.of(
          KnownKey.required("cluster", CLUSTER, "the cluster's name"),
          KnownKey.optional(
              "access",
              new Choice(List.of("local", "ssh")),
              "local",
              "how its machines are reached; local: every server is this machine; ssh: by the"
                  + " system's ssh, under the names that this file gives them"),
          KnownKey.optional("ssh", SSH, Map.of(), "what ssh is told, with access: ssh"),
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
          KnownKey.optional(
              "candidate",
              CANDIDATE,
              "how the candidate is made, in one of two ways; default: by a base backup of the"
                  + " primary"),
          KnownKey.optional(
              "names",
              new Dictionary(HOST_NAME, SERVER),
              "the database names in the hosts files, each with the server it leads to; required"
                  + " with a hosts file"),
          KnownKey.required(
              "traffic", new ListOf(TRAFFIC, 1, 4), "what leads clients to the servers"),
          KnownKey.required("online", ONLINE, "the fleet that must keep serving"),
          KnownKey.optional("offline", OFFLINE, Map.of(), "the fleet that may be stopped"),
          KnownKey.optional(
              "agents",
              AGENTS,
              Map.of(),
              "programs that act on their own when a database server stops (repmgrd, Patroni):"
                  + " paused before writes are held, and given back"),
          KnownKey.optional(
              "ddl",
              new Choice(List.of("refuse", "detect")),
              "refuse",
              "changes of the schema while the new side follows: refused, or found before the"
                  + " switch"),
          KnownKey.optional(
              "jobs",
              new Choice(List.of("refuse", "consent")),
              "refuse",
              "jobs of a scheduler that make partitions or change the schema: refused beforehand, or"
                  + " consent to what becomes of them while one side follows the other"),
          KnownKey.optional(
              "way-back",
              new Choice(List.of("open", "none")),
              "open",
              "after the switch the old primary follows the new one, until upshift finish; none:"
                  + " consent to an upgrade without a return that keeps the writes made since"),
          KnownKey.optional("limits", LIMITS, Map.of(), "the operator's bounds"),
          KnownKey.optional("probe", PROBE, "how reads and writes are measured from outside"));

  private TopologyShape() {}
}
