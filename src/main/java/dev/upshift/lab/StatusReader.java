package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.lab.LabStatus.Following;
import dev.upshift.lab.LabStatus.ProcessStatus;
import dev.upshift.lab.LabStatus.Role;
import dev.upshift.lab.LabStatus.ServerStatus;
import dev.upshift.postgres.PgServer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Asks a lab's servers and processes how they are. */
final class StatusReader {
  /** sender_host came with 11. */
  private static final String RECEIVER =
      """
      SELECT status, coalesce(to_jsonb(r) ->> 'sender_host', ''), slot_name,
        pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint
      FROM pg_stat_wal_receiver r
      """;

  private final LabPlan plan;

  StatusReader(LabPlan plan) {
    this.plan = plan;
  }

  LabStatus read() {
    var servers = LabPlan.SERVERS.parallelStream().flatMap(name -> servers(name).stream()).toList();
    return new LabStatus(servers, processes());
  }

  /** Where the machine does not answer, what it should be is all that can be said. */
  private List<ServerStatus> servers(String name) {
    try {
      return Stream.of(plan.oldSide(), plan.newSide())
          .map(side -> plan.server(name, side))
          .filter(PgServer::exists)
          .map(StatusReader::status)
          .toList();
    } catch (WorldError e) {
      var problem = Optional.of(String.valueOf(e.getMessage()));
      var server = plan.server(name, plan.oldSide());
      return List.of(status(server, false, Optional.empty(), Optional.empty(), problem));
    }
  }

  private static ServerStatus status(PgServer server) {
    if (!server.isRunning()) {
      return status(server, false, Optional.empty(), Optional.empty(), Optional.empty());
    }
    try {
      if (!server.isInRecovery()) {
        return status(server, true, Optional.of(Role.PRIMARY), Optional.empty(), Optional.empty());
      }
      return status(server, true, Optional.of(Role.STANDBY), following(server), Optional.empty());
    } catch (WorldError | InputError e) {
      var problem = Optional.of(String.valueOf(e.getMessage()));
      return status(server, true, Optional.empty(), Optional.empty(), problem);
    }
  }

  private static ServerStatus status(
      PgServer server,
      boolean running,
      Optional<Role> role,
      Optional<Following> following,
      Optional<String> problem) {
    return new ServerStatus(
        server.name(),
        server.address(),
        server.port(),
        server.version(),
        running,
        role,
        following,
        problem);
  }

  private static Optional<Following> following(PgServer standby) {
    try (var session = standby.connect()) {
      return session
          .query(
              RECEIVER,
              row -> {
                long behind = row.getLong(4);
                return new Following(
                    row.getString(1),
                    row.getString(2),
                    Optional.ofNullable(row.getString(3)),
                    row.wasNull() ? OptionalLong.empty() : OptionalLong.of(behind));
              })
          .stream()
          .findFirst();
    }
  }

  private List<ProcessStatus> processes() {
    return Stream.of(poolers(), applications(), hosts()).flatMap(List::stream).toList();
  }

  /** Application servers on which nothing runs; the others are seen by what does. */
  private List<ProcessStatus> hosts() {
    if (!plan.machines().areSeparate() || plan.applications()) {
      return List.of();
    }
    var hosts = SeparateHosts.at(plan.folder().separateHosts());
    return LabPlan.fleet().stream().map(name -> new ProcessStatus(name, hosts.runs(name))).toList();
  }

  private List<ProcessStatus> poolers() {
    if (!plan.poolers()) {
      return List.of();
    }
    var poolers = new LabPoolers(plan);
    return LabPlan.POOLS.stream().map(name -> process(name, () -> poolers.runs(name))).toList();
  }

  private List<ProcessStatus> applications() {
    if (!plan.applications()) {
      return List.of();
    }
    var applications = new Applications(plan);
    var names = new ArrayList<>(LabPlan.fleet());
    if (Files.exists(plan.folder().conf(LabPlan.VISITORS))) {
      names.add(LabPlan.VISITORS);
    }
    var balancer = Stream.of(process("haproxy", new LabBalancer(plan)::runs));
    var others =
        names.parallelStream().map(name -> process(name, () -> applications.runs(name))).toList();
    return Stream.concat(balancer, others.stream()).toList();
  }

  /** On a machine that does not answer nothing is seen to run. */
  private static ProcessStatus process(String name, BooleanSupplier runs) {
    try {
      return new ProcessStatus(name, runs.getAsBoolean());
    } catch (WorldError _) {
      return new ProcessStatus(name, false);
    }
  }
}
