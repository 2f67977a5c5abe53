package dev.upshift.run;

import dev.upshift.host.Host;
import dev.upshift.topology.Topology;
import dev.upshift.topology.Topology.PgBouncers;
import dev.upshift.topology.Topology.Server;
import dev.upshift.traffic.Away;
import dev.upshift.traffic.Holds;
import dev.upshift.traffic.Hook;
import dev.upshift.traffic.HostsFiles;
import dev.upshift.traffic.Layers;
import dev.upshift.traffic.Parking;
import dev.upshift.traffic.PoolerLook;
import dev.upshift.traffic.Poolers;
import dev.upshift.traffic.ProxyServers;
import dev.upshift.traffic.TrafficHold;
import dev.upshift.traffic.TrafficSwitch;
import dev.upshift.traffic.Waiting;
import dev.upshift.traffic.WaitingIfItFits;
import dev.upshift.upgrade.Traffic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A topology's names and pools as objects that a plan holds and leads.
 *
 * @param sides where the standbys are
 * @param here the machine on which we run, from which far consoles are spoken to
 * @param away what is known of servers that cannot be reached
 * @param later the same, where nobody waits any more
 */
record Routes(
    Topology topology,
    Sides sides,
    Function<String, Host> hosts,
    Host here,
    Away away,
    Away later,
    Supplier<Duration> longHold) {
  /** A hold that is to last no longer than this part of what waiting clients bear. */
  private static final int MARGIN = 2;

  /** Where each name and each pool is to lead before a course begins. */
  Map<String, String> now(Course course) {
    return switch (course) {
      case PHYSICAL, LOGICAL -> old(topology.standbys());
      case SWITCH_AGAIN, FINISH_OLD -> old(sides.kept());
      case SWITCH_BACK, FINISH_NEW -> fresh(sides.fresh());
    };
  }

  /**
   * Where they lead when the way back is closed: all standbys are there again, or what there is.
   */
  Map<String, String> inTheEnd(Course course) {
    return course.leadsForth() ? fresh(sides.freshAtLast()) : old(sides.kept());
  }

  /** At the old primary and these standbys of it. */
  private Map<String, String> old(List<Server> standbys) {
    return at(topology.primary(), standbys, topology.oldCluster().port());
  }

  /** At the new primary and these standbys of it. */
  private Map<String, String> fresh(List<Server> standbys) {
    return at(topology.candidate(), standbys, topology.newCluster().port());
  }

  /**
   * A standby's name leads to the standby there or to the one that takes over from it; where this
   * side has neither, to another standby, or to the primary.
   */
  private Map<String, String> at(Server primary, List<Server> standbys, int port) {
    var instead = standbys.stream().findFirst().orElse(primary);
    return leading(
        server -> {
          if (server.role() == Topology.Role.PRIMARY) {
            return primary.address();
          }
          return Stream.of(Optional.of(server), sides.replacement(server))
              .flatMap(Optional::stream)
              .filter(standbys::contains)
              .findFirst()
              .orElse(instead)
              .address();
        },
        port);
  }

  /**
   * What leads clients, where these online servers are in service during the switch. Poolers are
   * one layer for all of them.
   */
  Traffic traffic(Course course) {
    boolean physical = course == Course.PHYSICAL;
    boolean forth = course.leadsForth();
    var serving = physical ? topology.online().minimal() : topology.online().servers();
    var all = new ArrayList<>(topology.online().servers());
    all.addAll(topology.offline().servers());
    var poolers = poolers();
    return new Traffic(
        layers(hostsFiles(serving, away, this::isFar), others(), poolers),
        hostsFiles(all, later, this::mayBeAway),
        layers(hostsFiles(all, later, this::mayBeAway), others(), poolers),
        hold(serving, poolers, physical, parked(course)),
        poolers,
        topology.traffic().pgbouncer().map(PgBouncers::mayPoolSessions).orElse(false),
        forth ? fresh(ready(course)) : old(List.of()),
        forth ? fresh(sides.fresh()) : old(sides.kept()));
  }

  /** The standbys of the new version that are there when the switch comes. */
  private List<Server> ready(Course course) {
    return course == Course.LOGICAL ? sides.built() : List.of();
  }

  /** A standby of the side that is left; where it has none, everybody stays where he is. */
  private Map<String, String> parked(Course course) {
    boolean forth = course.leadsForth();
    var standbys = course.upgrades() ? topology.standbys() : forth ? sides.kept() : sides.fresh();
    var primary = forth ? topology.primary() : topology.candidate();
    var park = topology.server(topology.online().park());
    var place = standbys.contains(park) ? park : standbys.stream().findFirst().orElse(primary);
    return leading(
        _ -> place.address(), (forth ? topology.oldCluster() : topology.newCluster()).port());
  }

  private static TrafficSwitch layers(
      TrafficSwitch hostsFiles, List<TrafficSwitch> others, Optional<Poolers> poolers) {
    var all = new ArrayList<TrafficSwitch>(List.of(hostsFiles));
    all.addAll(others);
    poolers.ifPresent(all::add);
    return all.size() == 1 ? hostsFiles : new Layers(all);
  }

  /** What leads for all servers alike, and can make nobody wait. */
  private List<TrafficSwitch> others() {
    var others = new ArrayList<TrafficSwitch>();
    topology
        .traffic()
        .haproxy()
        .ifPresent(proxy ->
            others.add(
                new ProxyServers(
                    hosts.apply(proxy.host()),
                    proxy.socket(),
                    proxy.config(),
                    proxy.servers().keySet())));
    topology
        .traffic()
        .hook()
        .ifPresent(hook ->
            others.add(
                new Hook(
                    hosts.apply(hook.host()),
                    hook.command(),
                    hook.limit(),
                    hook.names().keySet())));
    return others;
  }

  /** Names park; poolers make wait where that is short, and park otherwise. */
  private TrafficHold hold(
      List<String> serving, Optional<Poolers> poolers, boolean isLong, Map<String, String> parked) {
    var names = hostsFiles(serving, away, this::mayBeAway);
    var parking = new Parking(layers(names, others(), poolers), parked);
    if (poolers.isEmpty()) {
      return parking;
    }
    var waiting =
        new Waiting(poolers.get(), topology.traffic().pgbouncer().orElseThrow().readWrite());
    var shortHold =
        topology.traffic().hostsFile().isEmpty() && others().isEmpty()
            ? waiting
            : new Holds(
                List.of(waiting, new Parking(layers(names, others(), Optional.empty()), parked)));
    return isLong ? new WaitingIfItFits(shortHold, parking, () -> fits(poolers.get())) : shortHold;
  }

  private boolean fits(Poolers poolers) {
    var bearable = PoolerLook.queryWaitTimeout(poolers.look());
    return bearable.isZero() || longHold.get().multipliedBy(MARGIN).compareTo(bearable) < 0;
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
                login(pgbouncer),
                pgbouncer.readWrite(),
                pgbouncer.readOnly().keySet(),
                pgbouncer.mayPoolSessions()));
  }

  /** No password goes to another machine: a far console is spoken to from here. */
  private Poolers.Login login(PgBouncers pgbouncer) {
    var passfile = topology.admin().passfile();
    var psql = topology.oldCluster().bin().resolve("psql");
    return topology.access() == Topology.Access.LOCAL
        ? new Poolers.Login(psql, pgbouncer.admin(), passfile)
        : new Poolers.Login(
            here.exists(psql) ? psql : Path.of("psql"),
            pgbouncer.admin(),
            passfile,
            Optional.of(here));
  }

  private TrafficSwitch hostsFiles(List<String> servers, Away away, Predicate<String> mayBeAway) {
    var places =
        topology.traffic().hostsFile().stream()
            .flatMap(file ->
                servers.stream()
                    .map(server ->
                        new HostsFiles.Place(
                            hosts.apply(server), file.on(server), mayBeAway.test(server))))
            .toList();
    return new HostsFiles(places, topology.names().keySet(), away);
  }

  /** Those that stay in the balancer must be there. */
  private boolean mayBeAway(String server) {
    return isFar(server) && !topology.online().minimal().contains(server);
  }

  /**
   * Where all are this machine, all are there. Past the border also one that has to be there may be
   * away: the others do not go on waiting for it.
   */
  private boolean isFar(String server) {
    return topology.access() != Topology.Access.LOCAL;
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
    Stream.concat(
            topology.traffic().haproxy().stream().flatMap(one -> one.servers().entrySet().stream()),
            topology.traffic().hook().stream().flatMap(one -> one.names().entrySet().stream()))
        .forEach(led ->
            addresses.put(
                led.getKey(), withPort(address.apply(topology.server(led.getValue())), port)));
    return addresses;
  }

  private String withPort(String address, int port) {
    if (topology.newCluster().port() == topology.oldCluster().port()) {
      return address;
    }
    return (address.contains(":") ? "[" + address + "]" : address) + ":" + port;
  }
}
