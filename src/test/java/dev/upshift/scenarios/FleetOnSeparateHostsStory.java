package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.fleet.LoadBalancer;
import dev.upshift.fleet.LoadBalancer.State;
import dev.upshift.fleet.Workers;
import dev.upshift.host.Host;
import dev.upshift.host.SshConnections;
import dev.upshift.host.SshReach;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.lab.FleetTotals;
import dev.upshift.lab.Lab;
import dev.upshift.lab.SeparateHosts;
import dev.upshift.lab.VisitorRates;
import dev.upshift.postgres.PgServer;
import dev.upshift.report.Report;
import dev.upshift.report.Screen;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Databases, applications, workers and HAProxy on hosts of their own, reached by ssh, and visitors
 * from outside all the time. One web server is cut off while writes are held, and is not seen
 * again.
 */
@Tag("real")
@Tag("full")
@ExtendWith(Stopwatch.class)
class FleetOnSeparateHostsStory {
  private static final String LOST = "web2";
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final Map<String, State> WHOLE = states(State.READY, State.READY);
  private static final Map<String, State> MINIMAL = states(State.MAINT, State.MAINT);
  private static final Map<String, State> ALL_BUT_LOST = states(State.READY, State.MAINT);

  private static Map<String, State> states(State rest, State lost) {
    return Map.of(
        "web/web1",
        State.READY,
        "web/" + LOST,
        lost,
        "web/web3",
        rest,
        "api/api1",
        State.READY,
        "api/api2",
        rest);
  }

  /** The fleet's machines, as an operator looks at them. */
  private record Fleet(Lab lab, Topology topology, SeparateHosts hosts, SshConnections way) {
    private Host host(String name) {
      var reach = SshReach.of(name).withConfiguration(hosts.sshConfig());
      return way.host(name, reach, Witness.NONE);
    }

    Map<String, State> balancer() {
      var haProxy = topology.online().balancer().orElseThrow();
      return new LoadBalancer(host(haProxy.host()), haProxy).states(topology.online().servers());
    }

    List<String> workers() {
      var servers = topology.offline().servers();
      var machines = servers.stream().collect(Collectors.toMap(name -> name, this::host));
      return new Workers(machines, topology.offline()).running(servers);
    }

    /** The clients of a server that came from the machine whose name they bear. */
    private List<String> clientsAtHome(PgServer server) {
      try (var session = server.connect()) {
        return session
            .query(
                "SELECT DISTINCT application_name || ' ' || host(client_addr)"
                    + " FROM pg_stat_activity WHERE client_addr IS NOT NULL",
                row -> row.getString(1))
            .stream()
            .map(line -> line.split(" "))
            .filter(words -> hosts.names().contains(words[0]))
            .filter(words -> hosts.address(words[0]).equals(words[1]))
            .map(words -> words[0])
            .toList();
      }
    }

    void shouldWorkOn(PgServer primary, Map<String, State> balancer) {
      assertThat(balancer()).isEqualTo(balancer);
      assertThat(workers()).containsExactlyElementsOf(topology.offline().servers());
      var writers = List.of("web1", "web3", "work1", "work2", "login1");
      assertThat(Deadline.in(SOON).until(PAUSE, () -> clientsAtHome(primary).containsAll(writers)))
          .as(() -> primary.label() + " has " + clientsAtHome(primary) + " only")
          .isTrue();
    }

    /** Nobody was shown an error, and saving works again. */
    void shouldHaveServedEveryReader() {
      var before = visitors();
      assertThat(
              Deadline.in(SOON)
                  .until(
                      PAUSE,
                      () ->
                          visitors().seconds() > before.seconds() + 1
                              && visitors().writes().ok() > before.writes().ok()))
          .as(() -> "visitors save again: " + visitors())
          .isTrue();
      var now = visitors();
      System.out.printf("story: %s%n", now);
      assertThat(now.reads().failed() + now.reads().skipped()).as(now.toString()).isZero();
      assertThat(now.reads().ok()).isGreaterThan((long) (now.seconds() * 15));
    }

    FleetTotals.VisitorTotals visitors() {
      return lab.fleetTotals().visitors().orElseThrow();
    }
  }

  private static Report run(Topology topology, Upgrade.Ask ask, Consumer<Entry> reader) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, Method.PHYSICAL, open, reader).run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    var walked = (RunEnd.Walked) end;
    assertThat(walked.outcome()).isEqualTo(new Outcome.Completed());
    shouldHaveKeptEveryWrite(walked.report());
    return walked.report();
  }

  private static void shouldHaveKeptEveryWrite(Report report) {
    var ledger = report.ledger().orElseThrow();
    System.out.printf("story: %s%n", ledger);
    assertThat(ledger.clean()).as(ledger.toString()).isTrue();
    assertThat(ledger.acknowledged()).isPositive();
    var measured = report.measurement().orElseThrow();
    assertThat(measured.reads().errors()).as(measured.reads().toString()).isZero();
    assertThat(measured.writes().unexplained()).as(measured.writes().toString()).isZero();
  }

  private static String step(Entry entry) {
    return entry instanceof Entry.Started started ? started.step() : "";
  }

  @Test
  void shouldServeEveryReaderThereAndBackThoughAWebServerIsCutOff() {
    var options = LabFixture.tiny().onSeparateHosts().withVisitors(VisitorRates.usual());
    try (var way = new SshConnections();
        var fixture = LabFixture.up(options)) {
      var lab = fixture.lab();
      var hosts = lab.hosts().orElseThrow();
      var topology = lab.topology();
      var fleet = new Fleet(lab, topology, hosts, way);
      var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
      fleet.shouldWorkOn(stage.oldPrimary(), WHOLE);

      var balancer = new TreeMap<String, Map<String, State>>();
      var workers = new TreeMap<String, List<String>>();
      var there =
          run(
              topology,
              Upgrade.Ask.UPGRADE,
              entry -> {
                if (List.of("hold-traffic", "promote-candidate").contains(step(entry))) {
                  balancer.put(step(entry), fleet.balancer());
                  workers.put(step(entry), fleet.workers());
                  hosts.cutOff(LOST);
                }
              });
      assertThat(balancer.values()).containsExactly(MINIMAL, MINIMAL);
      assertThat(workers)
          .isEqualTo(Map.of("hold-traffic", List.of("login1"), "promote-candidate", List.of()));
      assertThat(new Screen(there).text()).contains("stay out of the load balancer", "web/" + LOST);
      fleet.shouldWorkOn(stage.newPrimary(), ALL_BUT_LOST);
      fleet.shouldHaveServedEveryReader();

      run(topology, Upgrade.Ask.SWITCH_BACK, _ -> {});
      fleet.shouldWorkOn(stage.oldPrimary(), ALL_BUT_LOST);
      fleet.shouldHaveServedEveryReader();
    }
  }
}
