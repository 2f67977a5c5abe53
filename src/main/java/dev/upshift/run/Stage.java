package dev.upshift.run;

import dev.upshift.engine.Plan;
import dev.upshift.fleet.Agents;
import dev.upshift.fleet.LoadBalancer;
import dev.upshift.fleet.Workers;
import dev.upshift.host.DryHost;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.postgres.OwnRole;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sessions;
import dev.upshift.time.Budget;
import dev.upshift.time.Clock;
import dev.upshift.topology.Topology;
import dev.upshift.topology.Topology.Server;
import dev.upshift.topology.Topology.Side;
import dev.upshift.traffic.Away;
import dev.upshift.upgrade.Cluster;
import dev.upshift.upgrade.FinishPlan;
import dev.upshift.upgrade.Fleet;
import dev.upshift.upgrade.Preflight;
import dev.upshift.upgrade.SwitchBackPlan;
import dev.upshift.upgrade.UpgradePlan;
import dev.upshift.upgrade.steps.Given;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A topology's servers, traffic and fleets as objects that a plan works on: live ones, or ones that
 * only show what they would do.
 */
public final class Stage {
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);

  /** Where upshift runs; no server is called so. */
  private static final String HERE = "this machine";

  private final Topology topology;
  private final Machines machines;
  private final Function<String, Host> hosts;
  private final Host here;
  private final Sessions sessions;
  private final DatabaseServers databases;
  private final Duration drainLimit;
  private final Away away = new Away();

  private Stage(
      Topology topology,
      Machines machines,
      Function<String, Host> hosts,
      Host here,
      Sessions sessions,
      OwnRole role,
      Duration drainLimit) {
    this.topology = topology;
    this.machines = machines;
    this.hosts = hosts;
    this.here = here;
    this.sessions = sessions;
    this.databases = new DatabaseServers(topology, hosts, sessions, role);
    this.drainLimit = drainLimit;
  }

  /**
   * The real one.
   *
   * @param secret where the password of our own role lies, or will
   * @param witness is told of every effect before it happens
   */
  public static Stage live(Topology topology, Path secret, Witness witness) {
    var machines = new Machines(topology);
    return new Stage(
        topology,
        machines,
        name -> machines.host(name, witness),
        new LocalHost(HERE, witness),
        Sessions.live(topology.admin().passfile(), witness),
        new OwnRole(secret),
        DRAIN_LIMIT);
  }

  /** One on which nothing is changed. */
  public static Stage dry(Topology topology, Path secret, Witness witness) {
    var kept = new TreeMap<String, Host>();
    var machines = new Machines(topology);
    return new Stage(
        topology,
        machines,
        name ->
            kept.computeIfAbsent(
                name, host -> new DryHost(machines.host(host, Witness.NONE), witness)),
        new DryHost(new LocalHost(HERE, Witness.NONE), witness),
        Sessions.dry(topology.admin().passfile(), witness),
        new OwnRole(secret),
        Duration.ZERO);
  }

  /** Connects to every machine, so that nothing is connected while somebody waits. */
  public void connect() {
    var names = new ArrayList<String>();
    topology.servers().forEach(server -> names.add(server.name()));
    names.addAll(topology.online().servers());
    names.addAll(topology.offline().servers());
    topology.online().balancer().ifPresent(balancer -> names.add(balancer.host()));
    topology
        .traffic()
        .pgbouncer()
        .ifPresent(poolers -> poolers.processes().forEach(one -> names.add(one.host())));
    topology.traffic().haproxy().ifPresent(proxy -> names.add(proxy.host()));
    topology.traffic().hook().ifPresent(hook -> names.add(hook.host()));
    machines.connect(names).forEach(name -> away.note(name, "no answer to ssh"));
  }

  /** The plan of a course that begins with nothing of ours there. */
  public Plan plan(Course course) {
    return plan(course, Given.NOTHING, topology.wayBack());
  }

  /** The plan of a course, by what earlier runs have left, and by what this one was begun with. */
  Plan plan(Course course, Standing standing) {
    return plan(course, standing.given(), standing.begunWith());
  }

  private Plan plan(Course course, Given given, Topology.WayBack begunWith) {
    var sides = Sides.of(topology, course, begunWith);
    var cluster = databases.cluster(sides);
    // Where nobody waits any more, a server that was away a moment ago is looked for again.
    var later = new Away();
    var routes = routes(sides, later);
    var traffic = routes.traffic(course);
    var limit =
        course == Course.PHYSICAL
            ? topology.limits().holdPhysical()
            : topology.limits().holdLogical();
    var hold = new Budget(limit, Clock.system());
    sessions.mindHold(hold);
    machines.mindHold(hold);
    return switch (course) {
      case PHYSICAL -> UpgradePlan.physical(cluster, traffic, fleet(), hold);
      case LOGICAL -> UpgradePlan.logical(cluster, traffic, fleet(), hold);
      case SWITCH_BACK -> SwitchBackPlan.back(cluster, traffic, fleet(), hold);
      case SWITCH_AGAIN -> SwitchBackPlan.forthAgain(cluster, traffic, fleet(), hold);
      case FINISH_NEW ->
          FinishPlan.onNew(cluster, traffic, routes.inTheEnd(course), given, agents(), hold);
      case FINISH_OLD ->
          FinishPlan.onOld(cluster, traffic, routes.inTheEnd(course), given, agents(), hold);
    };
  }

  /** What must be so before a course begins. */
  public Preflight preflight(Course course) {
    var online = topology.online().servers();
    var offline = topology.offline().servers();
    var cluster = cluster(course);
    var routes = routes(Sides.of(topology, course, topology.wayBack()), away);
    var traffic = routes.traffic(course);
    var names = routes.now(course);
    return switch (course) {
      case PHYSICAL -> Preflight.physical(cluster, traffic, names, fleet(), online, offline);
      case LOGICAL ->
          Preflight.logical(
              cluster, traffic, names, fleet(), online, offline, topology.limits().holdLogical());
      case SWITCH_BACK, SWITCH_AGAIN ->
          Preflight.quiet(
              cluster,
              course == Course.SWITCH_BACK,
              traffic,
              names,
              fleet(),
              online,
              offline,
              topology.limits().holdLogical());
      case FINISH_NEW, FINISH_OLD -> Preflight.none();
    };
  }

  /** The primary that serves before a course begins. */
  public PgServer left(Course course) {
    return course.leadsForth() ? oldPrimary() : newPrimary();
  }

  /** The primary that serves after it. */
  public PgServer serving(Course course) {
    return course.leadsForth() ? newPrimary() : oldPrimary();
  }

  /** The running primary. */
  public PgServer oldPrimary() {
    return databases.oldPrimary();
  }

  /** The extra standby of the old version. */
  public PgServer candidate() {
    return databases.candidate();
  }

  /** The primary of the new version. */
  public PgServer newPrimary() {
    return databases.newPrimary();
  }

  /** The server of one side on a host. */
  public PgServer server(Server server, Side side) {
    return databases.server(server, side);
  }

  /** The database servers, each on the side on which a course has it. */
  public Cluster cluster(Course course) {
    return databases.cluster(Sides.of(topology, course, topology.wayBack()));
  }

  private Routes routes(Sides sides, Away later) {
    return new Routes(
        topology,
        sides,
        hosts,
        here,
        away,
        later,
        () -> cluster(Course.PHYSICAL).pgUpgrade().expected());
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
        agents(),
        clients(),
        away,
        drainLimit);
  }

  private Agents agents() {
    var servers = new TreeMap<String, Host>();
    topology.agents().servers().forEach(server -> servers.put(server, hosts.apply(server)));
    return new Agents(servers, topology.agents());
  }

  /** Poolers, and application servers that know the names themselves. */
  private List<Host> clients() {
    var names = new TreeSet<String>();
    topology
        .traffic()
        .pgbouncer()
        .ifPresent(poolers -> poolers.processes().forEach(one -> names.add(one.host())));
    topology.traffic().haproxy().ifPresent(proxy -> names.add(proxy.host()));
    if (topology.traffic().hostsFile().isPresent()) {
      names.addAll(topology.online().servers());
    }
    return names.stream().map(hosts).toList();
  }
}
