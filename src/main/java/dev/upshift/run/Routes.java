package dev.upshift.run;

import dev.upshift.host.Host;
import dev.upshift.topology.Topology;
import dev.upshift.topology.Topology.PgBouncers;
import dev.upshift.topology.Topology.Server;
import dev.upshift.traffic.Holds;
import dev.upshift.traffic.HostsFiles;
import dev.upshift.traffic.Layers;
import dev.upshift.traffic.Parking;
import dev.upshift.traffic.Poolers;
import dev.upshift.traffic.TrafficHold;
import dev.upshift.traffic.TrafficSwitch;
import dev.upshift.traffic.Waiting;
import dev.upshift.upgrade.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** A topology's names and pools as objects that a plan holds and leads. */
record Routes(Topology topology, Function<String, Host> hosts) {

  /** Where each name and each pool is to lead before anything begins. */
  Map<String, String> now() {
    return leading(Server::address, topology.oldCluster().port());
  }

  /**
   * What leads clients, where these online servers are in service during the switch. Poolers are
   * one layer for all of them.
   */
  Traffic traffic(List<String> serving, boolean mayWait) {
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
        poolers,
        topology.traffic().pgbouncer().map(PgBouncers::mayPoolSessions).orElse(false),
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
}
