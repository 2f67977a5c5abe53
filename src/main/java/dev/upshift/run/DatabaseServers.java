package dev.upshift.run;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.OwnRole;
import dev.upshift.postgres.Passfile;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.PgUpgrade;
import dev.upshift.postgres.Sessions;
import dev.upshift.postgres.Standby;
import dev.upshift.topology.Topology;
import dev.upshift.topology.Topology.CandidateFrom;
import dev.upshift.topology.Topology.Server;
import dev.upshift.topology.Topology.Side;
import dev.upshift.upgrade.Cluster;
import dev.upshift.upgrade.steps.BuildNewStandbys.Built;
import dev.upshift.upgrade.steps.RebuildStandbys.Rebuilt;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** The database servers of a topology, in their parts. */
final class DatabaseServers {
  private static final long MEGABYTE = 1024 * 1024;

  private final Topology topology;
  private final Function<String, Host> hosts;
  private final Sessions sessions;
  private final OwnRole role;
  private int processors;

  /** Those of this topology, on these hosts. */
  DatabaseServers(
      Topology topology, Function<String, Host> hosts, Sessions sessions, OwnRole role) {
    this.topology = topology;
    this.hosts = hosts;
    this.sessions = sessions;
    this.role = role;
  }

  /** The running primary. */
  PgServer oldPrimary() {
    return server(topology.primary(), topology.oldCluster());
  }

  /** The extra standby of the old version. */
  PgServer candidate() {
    return server(topology.candidate(), topology.oldCluster());
  }

  /** The primary of the new version. */
  PgServer newPrimary() {
    return server(topology.candidate(), topology.newCluster());
  }

  /** All of them, each on the side on which it is. */
  Cluster cluster(Sides sides) {
    var primary = oldPrimary();
    var candidate = candidate();
    var newPrimary = newPrimary();
    var newCluster =
        new NewCluster(
            newPrimary,
            primary,
            Passfile.read(topology.admin().passfile()),
            role,
            replicationSources());
    return new Cluster(
        primary,
        topology.standbys().stream()
            .map(standby -> server(standby, topology.oldCluster()))
            .toList(),
        made(new Standby(candidate, primary, "upshift_" + slug(candidate.name()), role)),
        newCluster,
        new PgUpgrade(candidate, newCluster, role, processors()),
        sides.built().stream().map(standby -> built(standby, sides, newPrimary)).toList(),
        sides.rebuilt().stream().map(standby -> rebuilt(standby, newPrimary)).toList(),
        sides.rebuiltAtLast().stream().map(standby -> rebuilt(standby, newPrimary)).toList(),
        sides.kept().stream().map(standby -> kept(standby, primary)).toList(),
        topology.wayBack() == Topology.WayBack.NONE
            ? Optional.of("the topology says way-back: none")
            : Optional.empty(),
        role,
        replicationSources(),
        topology.limits().lagBytes(),
        processors(),
        topology.ddl() == Topology.Ddl.REFUSE,
        topology.mayHaveJobs(),
        topology.limits().retainedBytes() / MEGABYTE);
  }

  /** Of the host on which the new primary is made. */
  private int processors() {
    int here = Runtime.getRuntime().availableProcessors();
    if (topology.access() == Topology.Access.LOCAL) {
      return here;
    }
    if (processors == 0) {
      processors = askForProcessors();
    }
    return processors;
  }

  /** A machine that is gone must not keep anybody from the undo. */
  private int askForProcessors() {
    try {
      var said = databaseHost(topology.candidate()).ask(Command.of("nproc"));
      return said.ok() ? Math.max(1, Integer.parseInt(said.out().strip())) : 1;
    } catch (WorldError e) {
      return 1;
    }
  }

  /** The server of one side on a host. */
  PgServer server(Server server, Side side) {
    return new PgServer(server, side, topology.admin(), databaseHost(server), sessions);
  }

  private Standby made(Standby candidate) {
    return switch (topology.candidateFrom()) {
      case CandidateFrom.Primary() -> candidate;
      case CandidateFrom.Standby(String name) ->
          candidate.copiedFrom(
              server(topology.server(name), topology.oldCluster()), replicationSources());
      case CandidateFrom.Backup(List<String> program) ->
          candidate.restoredBy(
              program.stream().map(word -> expanded(word, candidate.server())).toList());
    };
  }

  private static String expanded(String word, PgServer candidate) {
    return Topology.expand(word, candidate.name()).replace("{data}", candidate.data().toString());
  }

  private Host databaseHost(Server server) {
    return hosts.apply(server.name()).as(topology.admin().osUser());
  }

  private Built built(Server place, Sides sides, PgServer newPrimary) {
    return new Built(
        fresh(place, newPrimary),
        sides.replacedBy(place).map(old -> server(old, topology.oldCluster())));
  }

  private Rebuilt rebuilt(Server standby, PgServer newPrimary) {
    return new Rebuilt(
        fresh(standby, newPrimary), Optional.of(server(standby, topology.oldCluster())));
  }

  private Standby fresh(Server host, PgServer newPrimary) {
    return new Standby(
        server(host, topology.newCluster()), newPrimary, "upshift_" + slug(host.name()), role);
  }

  private Standby kept(Server standby, PgServer primary) {
    return new Standby(
        server(standby, topology.oldCluster()), primary, "upshift_" + slug(standby.name()), role);
  }

  /**
   * A replication slot's name has lower-case letters, digits and underscores only
   * (src/backend/replication/slot.c).
   */
  private static String slug(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
  }

  /**
   * Servers connect from their own addresses; where all are this machine, from whichever loopback
   * address the kernel takes.
   */
  private List<String> replicationSources() {
    var sources = new ArrayList<String>();
    topology
        .servers()
        .forEach(server ->
            sources.add(server.address() + (server.address().contains(":") ? "/128" : "/32")));
    if (topology.servers().stream().anyMatch(server -> server.address().startsWith("127."))) {
      sources.add("127.0.0.1/32");
    }
    return sources;
  }
}
