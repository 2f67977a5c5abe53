package dev.upshift.run;

import dev.upshift.engine.Plan;
import dev.upshift.fleet.LoadBalancer;
import dev.upshift.fleet.Workers;
import dev.upshift.host.DryHost;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.OwnRole;
import dev.upshift.postgres.Passfile;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.PgUpgrade;
import dev.upshift.postgres.Sessions;
import dev.upshift.postgres.Standby;
import dev.upshift.time.Budget;
import dev.upshift.time.Clock;
import dev.upshift.topology.Topology;
import dev.upshift.topology.Topology.Server;
import dev.upshift.topology.Topology.Side;
import dev.upshift.traffic.Holds;
import dev.upshift.traffic.HostsFiles;
import dev.upshift.traffic.Layers;
import dev.upshift.traffic.Parking;
import dev.upshift.traffic.Poolers;
import dev.upshift.traffic.TrafficHold;
import dev.upshift.traffic.TrafficSwitch;
import dev.upshift.traffic.Waiting;
import dev.upshift.upgrade.Cluster;
import dev.upshift.upgrade.Fleet;
import dev.upshift.upgrade.Preflight;
import dev.upshift.upgrade.Traffic;
import dev.upshift.upgrade.UpgradePlan;
import dev.upshift.upgrade.steps.RebuildStandbys.Rebuilt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A topology's servers, traffic and fleets as objects that a plan works on: live ones, or ones that
 * only show what they would do.
 */
public final class Stage {
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);
  private static final long RETAINED_MEGABYTES = 20 * 1024;

  private final Topology topology;
  private final Function<String, Host> hosts;
  private final Sessions sessions;
  private final OwnRole role;
  private final Duration drainLimit;

  private Stage(
      Topology topology,
      Function<String, Host> hosts,
      Sessions sessions,
      OwnRole role,
      Duration drainLimit) {
    this.topology = topology;
    this.hosts = hosts;
    this.sessions = sessions;
    this.role = role;
    this.drainLimit = drainLimit;
  }

  /**
   * The real one.
   *
   * @param secret where the password of our own role lies, or will
   * @param witness is told of every effect before it happens
   */
  public static Stage live(Topology topology, Path secret, Witness witness) {
    return new Stage(
        topology,
        name -> new LocalHost(name, witness),
        Sessions.live(topology.admin().passfile(), witness),
        new OwnRole(secret),
        DRAIN_LIMIT);
  }

  /** One on which nothing is changed. */
  public static Stage dry(Topology topology, Path secret, Witness witness) {
    var kept = new TreeMap<String, Host>();
    return new Stage(
        topology,
        name ->
            kept.computeIfAbsent(
                name, host -> new DryHost(new LocalHost(host, Witness.NONE), witness)),
        Sessions.dry(topology.admin().passfile(), witness),
        new OwnRole(secret),
        Duration.ZERO);
  }

  /** The plan of a method. */
  public Plan plan(Method method) {
    return switch (method) {
      case PHYSICAL -> physical();
      case LOGICAL -> logical();
    };
  }

  /** The plan of the physical method. */
  public Plan physical() {
    var hold = new Budget(topology.limits().holdPhysical(), Clock.system());
    return UpgradePlan.physical(
        cluster(), traffic(topology.online().minimal(), false), fleet(), hold);
  }

  /** The plan of the logical method; the whole online fleet stays in service. */
  public Plan logical() {
    var hold = new Budget(topology.limits().holdLogical(), Clock.system());
    return UpgradePlan.logical(
        cluster(), traffic(topology.online().servers(), true), fleet(), hold);
  }

  /** What must be so before a method begins. */
  public Preflight preflight(Method method) {
    var online = topology.online().servers();
    var offline = topology.offline().servers();
    var serving = method == Method.PHYSICAL ? topology.online().minimal() : online;
    var names = leading(Server::address, topology.oldCluster().port());
    return switch (method) {
      case PHYSICAL ->
          Preflight.physical(cluster(), traffic(serving, false), names, fleet(), online, offline);
      case LOGICAL ->
          Preflight.logical(cluster(), traffic(serving, true), names, fleet(), online, offline);
    };
  }

  /** The running primary. */
  public PgServer oldPrimary() {
    return server(topology.primary(), topology.oldCluster());
  }

  /** The extra standby of the old version. */
  public PgServer candidate() {
    return server(topology.candidate(), topology.oldCluster());
  }

  /** The primary of the new version. */
  public PgServer newPrimary() {
    return server(topology.candidate(), topology.newCluster());
  }

  /** The database servers. */
  public Cluster cluster() {
    var primary = oldPrimary();
    var candidate = candidate();
    var newPrimary = newPrimary();
    var newCluster =
        new NewCluster(newPrimary, primary, Passfile.read(topology.admin().passfile()));
    int jobs = Math.max(1, Runtime.getRuntime().availableProcessors());
    return new Cluster(
        primary,
        topology.standbys().stream()
            .map(standby -> server(standby, topology.oldCluster()))
            .toList(),
        new Standby(candidate, primary, "upshift_" + slug(topology.candidate().name()), role),
        newCluster,
        new PgUpgrade(candidate, newCluster, role, jobs),
        topology.standbys().stream().map(standby -> rebuilt(standby, newPrimary)).toList(),
        role,
        replicationSources(),
        topology.limits().lagBytes(),
        jobs,
        true,
        RETAINED_MEGABYTES);
  }

  /** The server of one side on a host. */
  public PgServer server(Server server, Side side) {
    return new PgServer(server, side, topology.admin(), databaseHost(server), sessions);
  }

  private Host databaseHost(Server server) {
    return hosts.apply(server.name()).as(topology.admin().osUser());
  }

  private Rebuilt rebuilt(Server standby, PgServer newPrimary) {
    var server = server(standby, topology.newCluster());
    return new Rebuilt(
        new Standby(server, newPrimary, "upshift_" + slug(standby.name()), role),
        server(standby, topology.oldCluster()));
  }

  /**
   * A replication slot's name has lower-case letters, digits and underscores only
   * (src/backend/replication/slot.c).
   */
  private static String slug(String name) {
    return name.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
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
    if (topology.access() == Topology.Access.LOCAL) {
      sources.add("127.0.0.1/32");
    }
    return sources;
  }

  /**
   * What leads clients, where these online servers are in service during the switch. Poolers are
   * one layer for all of them.
   */
  private Traffic traffic(List<String> serving, boolean mayWait) {
    var online = topology.online().servers();
    var offline = topology.offline().servers();
    var rest =
        new ArrayList<>(online.stream().filter(server -> !serving.contains(server)).toList());
    rest.addAll(offline);
    var all = new ArrayList<>(online);
    all.addAll(offline);
    var poolers = poolers();
    var inService = with(poolers, hostsFiles(serving));
    return new Traffic(
        inService,
        hostsFiles(rest),
        with(poolers, hostsFiles(online)),
        hostsFiles(offline),
        with(poolers, hostsFiles(all)),
        hold(serving, poolers, mayWait),
        leading(server -> topology.candidate().address(), topology.newCluster().port()),
        leading(
            server ->
                server.role() == Topology.Role.PRIMARY
                    ? topology.candidate().address()
                    : server.address(),
            topology.newCluster().port()));
  }

  private static TrafficSwitch with(Optional<Poolers> poolers, TrafficSwitch hostsFiles) {
    return poolers
        .<TrafficSwitch>map(layer -> new Layers(List.of(hostsFiles, layer)))
        .orElse(hostsFiles);
  }

  /** Hosts files park; poolers make wait where that is short, and park otherwise. */
  private TrafficHold hold(List<String> serving, Optional<Poolers> poolers, boolean mayWait) {
    var parked =
        leading(
            server -> topology.server(topology.online().park()).address(),
            topology.oldCluster().port());
    if (!mayWait || poolers.isEmpty()) {
      return new Parking(with(poolers, hostsFiles(serving)), parked);
    }
    var waiting =
        new Waiting(poolers.get(), topology.traffic().pgbouncer().orElseThrow().readWrite());
    return topology.traffic().hostsFile().isEmpty()
        ? waiting
        : new Holds(List.of(waiting, new Parking(hostsFiles(serving), parked)));
  }

  private Optional<Poolers> poolers() {
    return topology
        .traffic()
        .pgbouncer()
        .map(pgbouncer ->
            new Poolers(
                pgbouncer.processes().stream()
                    .map(
                        process -> new Poolers.Place(hosts.apply(process.host()), process.config()))
                    .toList(),
                new Poolers.Login(
                    topology.oldCluster().bin().resolve("psql"),
                    pgbouncer.admin(),
                    topology.admin().passfile()),
                pgbouncer.readWrite(),
                pgbouncer.readOnly().keySet()));
  }

  private TrafficSwitch hostsFiles(List<String> servers) {
    var places =
        topology.traffic().hostsFile().stream()
            .flatMap(file ->
                servers.stream()
                    .map(server -> new HostsFiles.Place(hosts.apply(server), file.on(server))))
            .toList();
    return new HostsFiles(places, topology.names().keySet());
  }

  /**
   * Where each name and each pool is to lead, by the server that it leads to now. A hosts file
   * knows no ports, so the sides have the same there.
   */
  private Map<String, String> leading(Function<Server, String> address, int port) {
    var addresses = new TreeMap<String, String>();
    topology
        .names()
        .forEach((name, server) -> addresses.put(name, address.apply(topology.server(server))));
    topology
        .traffic()
        .pgbouncer()
        .ifPresent(pgbouncer -> {
          pgbouncer
              .readWrite()
              .forEach(
                  pool -> addresses.put(pool, withPort(address.apply(topology.primary()), port)));
          pgbouncer
              .readOnly()
              .forEach((pool, server) ->
                  addresses.put(pool, withPort(address.apply(topology.server(server)), port)));
        });
    return addresses;
  }

  private String withPort(String address, int port) {
    if (topology.newCluster().port() == topology.oldCluster().port()) {
      return address;
    }
    return (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
  }

  /** The application servers. */
  public Fleet fleet() {
    var offline = topology.offline();
    var workerHosts = new TreeMap<String, Host>();
    offline.servers().forEach(server -> workerHosts.put(server, hosts.apply(server)));
    var balancer =
        topology
            .online()
            .balancer()
            .map(haProxy -> new LoadBalancer(hosts.apply(haProxy.host()), haProxy));
    return new Fleet(
        balancer,
        topology.online().rest(),
        new Workers(workerHosts, offline),
        offline.first(),
        offline.last(),
        drainLimit);
  }
}
