package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.SshConnections;
import dev.upshift.host.SshReach;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.lab.LabOptions;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sessions;
import dev.upshift.report.Report;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.Repmgr;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import dev.upshift.upgrade.checks.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * repmgr itself, that of the old version's packages and then that of the new one's. What it does
 * unpaused is seen at the end, when it has been given back: it promotes a standby in less time than
 * the old primary was down.
 */
@Tag("real")
@Tag("full")
@ExtendWith(Stopwatch.class)
class RepmgrStory {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final PgVersion OLD = PgVersion.of(15);
  private static final PgVersion NEW = PgVersion.of(18);
  private static final List<String> WATCHED = List.of("db1", "db2", "db3");

  private static final String AGENTS =
      """

      agents:
        servers: [db1, db2, db3]
        pause: [systemctl, stop, repmgrd]
        resume: [systemctl, start, repmgrd]
        status: [systemctl, is-active, repmgrd]
      """;

  private static LabOptions options() {
    var programs = LabFixture.programs();
    return LabFixture.tiny()
        .withSystemd()
        .withVersions(OLD, NEW)
        .withBins(
            Map.of(
                OLD, programs.postgresWith(OLD, List.of("postgresql-" + OLD + "-repmgr")),
                NEW, programs.postgresWith(NEW, List.of("postgresql-" + NEW + "-repmgr"))))
        .withSettings(Map.of("shared_preload_libraries", Repmgr.LIBRARY));
  }

  private static Upgrade upgrade(Topology topology, Consumer<Entry> reader) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    return new Upgrade(topology, Method.PHYSICAL, open, reader);
  }

  private static RunEnd.Walked walk(Upgrade upgrade, Upgrade.Ask ask) {
    var end = upgrade.run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    return (RunEnd.Walked) end;
  }

  private static Report complete(Topology topology, Upgrade.Ask ask) {
    var walked = walk(upgrade(topology, _ -> {}), ask);
    assertThat(walked.outcome()).isEqualTo(new Outcome.Completed());
    return walked.report();
  }

  /** The operator stops it when the old primary has been stopped. */
  private static Outcome stopInTheHold(Topology topology) {
    var running = new AtomicReference<Upgrade>();
    var upgrade =
        upgrade(
            topology,
            entry -> {
              if (entry instanceof Entry.Started started
                  && started.step().equals("prove-candidate-complete")) {
                running.get().stop();
              }
            });
    running.set(upgrade);
    return walk(upgrade, Upgrade.Ask.UPGRADE).outcome();
  }

  private static List<String> findings(Topology topology) {
    return upgrade(topology, _ -> {}).check().stream()
        .flatMap(answer -> answer.findings().stream().map(Finding::what))
        .toList();
  }

  private static Topology variant(Topology topology, String name, String text) throws IOException {
    var file = topology.file().resolveSibling(name + ".yaml");
    Files.writeString(file, text);
    return TopologyFile.read(file);
  }

  private static Instant startOf(Report report, String step) {
    return report.entries().stream()
        .filter(entry -> entry instanceof Entry.Started started && started.step().equals(step))
        .map(Entry::at)
        .findFirst()
        .orElseThrow();
  }

  private record Servers(Topology topology, SshConnections connections) {
    Host host(String name) {
      var reach = SshReach.of(name).withConfiguration(topology.ssh().config().orElseThrow());
      return connections.host(name, reach, Witness.NONE);
    }

    PgServer of(Topology.Side side, String name) {
      return new PgServer(
          topology.server(name),
          side,
          topology.admin(),
          host(name).as(topology.admin().osUser()),
          Sessions.live(topology.admin().passfile(), Witness.NONE));
    }

    boolean isPromoted(String name) {
      try {
        return !of(topology.newCluster(), name).isInRecovery();
      } catch (WorldError e) {
        return false; // a promotion may be under way
      }
    }
  }

  private static List<String> events(PgServer primary, String event) {
    try (var session = primary.connect("repmgr")) {
      return session.query(
          "SELECT details FROM repmgr.events WHERE event = '" + event + "'",
          row -> String.valueOf(row.getString(1)));
    }
  }

  private static void setUp(Repmgr repmgr, PgServer primary, Topology.Side side) {
    repmgr.makeRole(primary);
    WATCHED.forEach(server -> repmgr.configure(server, side));
    repmgr.registerPrimary("db1", side);
    repmgr.start(WATCHED);
    assertThat(Deadline.in(SOON).until(LOOK, () -> events(primary, "repmgrd_start").size() == 3))
        .as("each repmgrd watches")
        .isTrue();
  }

  private static void shouldBeRefused(Topology plain) throws IOException {
    var text = Files.readString(plain.file());
    assertThat(findings(plain))
        .contains("on db1 runs repmgrd", "on db2 runs repmgrd", "on db3 runs repmgrd")
        .noneMatch(what -> what.contains("no library"));
    var bare = LabFixture.programs().postgres(NEW).toString();
    var without = text.replace(plain.newCluster().bin().toString(), bare) + AGENTS;
    assertThat(findings(variant(plain, "without-library", without)))
        .contains(
            "db2, db3, db4: there is no library repmgr of version 18, and db1 (15) names it:"
                + " functions in repmgr, shared_preload_libraries");
  }

  /** It does what it was paused for, now that it is asked to. */
  private static Duration shouldFailOver(Servers servers) {
    var before = Instant.now();
    servers.host("db4").run(Command.of("systemctl", "stop", "postgresql@" + NEW + "-main"));
    assertThat(
            Deadline.in(SOON)
                .until(LOOK, () -> servers.isPromoted("db2") || servers.isPromoted("db3")))
        .as("a standby is promoted when nothing is paused")
        .isTrue();
    return Duration.between(before, Instant.now());
  }

  @Test
  void shouldPromoteNothingWhileTheOldPrimaryIsDownAndWatchTheNewOneInTheEnd() throws Exception {
    try (var fixture = LabFixture.up(options());
        var connections = new SshConnections()) {
      var plain = fixture.lab().topology();
      var servers = new Servers(plain, connections);
      var repmgr = new Repmgr(plain, servers::host);
      var old = servers.of(plain.oldCluster(), "db1");
      setUp(repmgr, old, plain.oldCluster());
      shouldBeRefused(plain);
      var topology = variant(plain, "with-agents", Files.readString(plain.file()) + AGENTS);

      assertThat(stopInTheHold(topology)).isInstanceOf(Outcome.Undone.class);
      assertThat(WATCHED).allMatch(server -> repmgr.state(server).equals("active"));
      assertThat(old.isInRecovery()).isFalse();

      var report = complete(topology, Upgrade.Ask.RESUME);
      var ledger = report.ledger().orElseThrow();
      assertThat(ledger.clean()).as(ledger.toString()).isTrue();
      assertThat(WATCHED).allMatch(server -> repmgr.state(server).equals("inactive"));
      var fresh = servers.of(plain.newCluster(), "db4");
      assertThat(events(fresh, "standby_promote")).isEmpty();
      assertThat(servers.of(plain.newCluster(), "db2").isInRecovery()).isTrue();
      assertThat(servers.of(plain.oldCluster(), "db3").isInRecovery()).isTrue();

      List.of("db2", "db3", "db4").forEach(server -> repmgr.configure(server, plain.newCluster()));
      repmgr.registerPrimary("db4", plain.newCluster());
      complete(topology, Upgrade.Ask.FINISH);
      assertThat(List.of("db2", "db3")).allMatch(server -> repmgr.state(server).equals("active"));
      assertThat(repmgr.state("db1")).as("no server is left there").isEqualTo("inactive");

      assertThat(Deadline.in(SOON).until(LOOK, () -> events(fresh, "repmgrd_start").size() >= 5))
          .isTrue();
      var failover = shouldFailOver(servers);
      var down =
          Duration.between(
              startOf(report, "fence-old-primary"), startOf(report, "follow-with-old-primary"));
      System.out.printf("story: down for %s, failed over in %s%n", down, failover);
      assertThat(down).isGreaterThan(failover);
    }
  }
}
