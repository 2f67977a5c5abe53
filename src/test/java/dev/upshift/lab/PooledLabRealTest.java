package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.lab.LabStatus.ProcessStatus;
import dev.upshift.postgres.Passfile;
import dev.upshift.probe.ProbeOptions;
import dev.upshift.probe.ledger.ProbeTables;
import dev.upshift.probe.log.ProbeLog;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.LabProcesses;
import dev.upshift.testing.SharedLabs;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import dev.upshift.traffic.PoolerLook;
import dev.upshift.traffic.Poolers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A lab whose applications and probe reach the databases through two real PgBouncers. */
@Tag("real")
class PooledLabRealTest {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final Duration PAUSE = Duration.ofMillis(50);

  @Test
  void shouldServeThroughPoolersOnlyHoldAndLeadWithoutAFailure() throws Exception {
    Path dir;
    try (var fixture =
        LabFixture.up(
            LabFixture.tiny().withPgBouncer().withVisitors(VisitorRates.usual().times(0.5)))) {
      var lab = fixture.lab();
      dir = lab.dir();
      assertThat(lab.status().processes())
          .hasSize(12)
          .extracting(ProcessStatus::name)
          .contains("pool1", "pool2", "haproxy");
      assertThat(lab.status().processes()).allMatch(ProcessStatus::running, "runs");
      var topology = lab.topology();
      assertThat(topology.names()).isEmpty();
      assertThat(topology.traffic().hostsFile()).isEmpty();
      assertPasswordsCount(lab);
      assertEverybodyComesThroughThePoolers(lab);
      try (var poolers = poolers(topology)) {
        assertPoolersAreSound(poolers);
        assertNobodyFeelsMoreThanAWait(lab, topology, poolers);
      }
    }
    assertThat(dir).doesNotExist();
    assertThat(LabProcesses.in(dir)).isEmpty();
  }

  private static Poolers poolers(Topology topology) {
    var poolers = topology.traffic().pgbouncer().orElseThrow();
    return new Poolers(
        poolers.processes().stream()
            .map(process ->
                new Poolers.Place(new LocalHost(process.host(), Witness.NONE), process.config()))
            .toList(),
        new Poolers.Login(
            topology.oldCluster().bin().resolve("psql"),
            poolers.admin(),
            topology.admin().passfile()),
        poolers.readWrite(),
        poolers.readOnly().keySet());
  }

  private static void assertPoolersAreSound(Poolers poolers) {
    var looks = poolers.look();
    assertThat(looks).hasSize(2);
    assertThat(looks)
        .allSatisfy(look -> {
          var facts = look.facts().orElseThrow();
          assertThat(facts.missing()).isEmpty();
          assertThat(facts.sessions()).isEmpty();
          assertThat(facts.unlisted()).isZero();
          assertThat(facts.shuttingDown()).isFalse();
        });
    assertThat(looks.stream().map(look -> look.facts().orElseThrow().version()).distinct())
        .as("both versions, where the newest leads back to the older server")
        .hasSize(SharedLabs.FROM.atLeast(16) ? 2 : 1);
    assertThat(PoolerLook.queryWaitTimeout(looks)).isEqualTo(Duration.ofMinutes(2));
  }

  private static void assertPasswordsCount(Lab lab) {
    var topology = lab.topology();
    int port = topology.oldCluster().port();
    var passfile = Passfile.read(lab.passfile());
    var pool = topology.probe().orElseThrow().read();
    for (var role : List.of("app", "app_ro", "upshift_probe")) {
      var password = passfile.password(pool, port, "app", role).orElseThrow();
      assertThat(login(pool, port, role, password)).isEqualTo("00000");
      assertThat(login(pool, port, role, password + "x")).isEqualTo("08P01");
      assertThat(login(pool, port, role, "")).isNotEqualTo("00000");
    }
  }

  private static String login(String host, int port, String role, String password) {
    var properties = new Properties();
    properties.setProperty("user", role);
    properties.setProperty("password", password);
    properties.setProperty("prepareThreshold", "0");
    try (var connection =
        DriverManager.getConnection(
            "jdbc:postgresql://%s:%d/app".formatted(host, port), properties)) {
      return connection.isValid(5) ? "00000" : "invalid";
    } catch (SQLException e) {
      return String.valueOf(e.getSQLState());
    }
  }

  /** Who connects to a server by itself is a pooler, and every application is behind one. */
  private static void assertEverybodyComesThroughThePoolers(Lab lab) {
    assertThat(Deadline.in(SOON).until(PAUSE, () -> counted(lab))).isTrue();
    for (var server : LabPlan.fleet()) {
      assertThat(lab.dir().resolve("fleet").resolve(server).resolve("hosts"))
          .content()
          .contains("pool1.internal")
          .doesNotContain("db1.internal");
    }
    assertNothingFailed(lab);
  }

  private static boolean counted(Lab lab) {
    var totals = lab.fleetTotals();
    return totals.workers().size() == 3
        && totals.workers().values().stream().allMatch(worker -> !worker.counts().isEmpty())
        && totals.visitors().map(v -> v.writes().ok() > 0 && v.reads().ok() > 0).orElse(false);
  }

  private static void assertNothingFailed(Lab lab) {
    var visitors = lab.fleetTotals().visitors().orElseThrow();
    assertThat(visitors.errors()).isEmpty();
    assertThat(visitors.reads().failed() + visitors.writes().failed() + visitors.writes().resting())
        .isZero();
    assertThat(lab.fleetTotals().workers().values())
        .allSatisfy(worker -> assertThat(worker.errorsByState()).isEmpty());
  }

  private static void assertNobodyFeelsMoreThanAWait(Lab lab, Topology topology, Poolers poolers)
      throws Exception {
    var log = lab.dir().resolve("probe.log");
    var stop = lab.dir().resolve("probe.stop");
    var probe = startProbe(lab, topology, log, stop);
    var holding = Duration.ZERO;
    try {
      assertThat(Deadline.in(SOON).until(PAUSE, () -> attempts(log) > 60)).isTrue();
      poolers.open();
      var db2 = topology.server("db2").address();
      var db3 = topology.server("db3").address();
      var before = poolers.snapshot();
      assertThat(poolers.leads(Map.of("app_ro", db2, "app_ro2", db3))).isTrue();
      var held = Instant.now();
      poolers.pause(Duration.ofSeconds(5));
      poolers.point(Map.of("app_ro", db3, "app_ro2", db2));
      assertThat(poolers.leads(Map.of("app_ro", db3, "app_ro2", db2))).isTrue();
      poolers.resume();
      holding = Duration.between(held, Instant.now());
      long then = attempts(log);
      assertThat(Deadline.in(SOON).until(PAUSE, () -> attempts(log) > then + 80)).isTrue();
      poolers.restore(before);
      assertThat(poolers.snapshot()).isEqualTo(before);
      long later = attempts(log);
      assertThat(Deadline.in(SOON).until(PAUSE, () -> attempts(log) > later + 80)).isTrue();
    } finally {
      Files.writeString(stop, "");
      probe.waitFor(SOON);
      probe.destroyForcibly();
    }
    var attempts = ProbeLog.read(log).attempts();
    assertThat(attempts).filteredOn(attempt -> !attempt.acknowledged()).isEmpty();
    assertThat(attempts.stream().map(attempt -> attempt.server().address()).distinct())
        .contains(
            topology.server("db1").address(),
            topology.server("db2").address(),
            topology.server("db3").address());
    assertNothingFailed(lab);
    System.out.printf(
        "pooled lab: %d probe attempts; held and led elsewhere within %d ms%n",
        attempts.size(), holding.toMillis());
  }

  private static Process startProbe(Lab lab, Topology topology, Path log, Path stop)
      throws Exception {
    var probe = topology.probe().orElseThrow();
    var plan = LabPlan.read(new LabFolder(lab.dir()));
    try (var connection = plan.server("db1", plan.oldSide()).jdbc(probe.database())) {
      ProbeTables.create(connection, probe.user());
    }
    var options =
        new ProbeOptions(
            log,
            stop,
            probe.readDatabase(),
            probe.writeDatabase(),
            probe.user(),
            topology.admin().passfile(),
            probe.port(),
            probe.read(),
            probe.write(),
            probe.rate(),
            probe.writes(),
            Map.of(),
            Optional.empty());
    var java = Path.of(System.getProperty("java.home"), "bin", "java");
    return new ProcessBuilder(
            options.command(java, System.getProperty("java.class.path"), Optional.empty()))
        .redirectErrorStream(true)
        .redirectOutput(lab.dir().resolve("probe.out").toFile())
        .start();
  }

  private static long attempts(Path log) {
    try {
      return Files.exists(log) ? ProbeLog.read(log).attempts().size() : 0;
    } catch (java.io.IOException e) {
      return 0;
    }
  }
}
