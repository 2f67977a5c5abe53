package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Command;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.postgres.PgServer;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.RunFolder;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.Bank;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What keeps poolers from being held, in whole runs: the switch is undone, everybody goes on, and
 * once it is out of the way the same run switches.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PoolersInTheWayStory {
  private LabFixture fixture;
  private Topology topology;
  private PgServer old;

  @BeforeAll
  void prepare() {
    fixture = LabFixture.up(LabFixture.tiny().withPgBouncer());
    topology = fixture.lab().topology();
    old = Stage.live(topology, Path.of("unused"), Witness.NONE).oldPrimary();
    Bank.make(old);
    assertThat(run(Upgrade.Ask.PREPARE)).isEqualTo(new Outcome.Completed());
  }

  @AfterAll
  void down() {
    fixture.close();
  }

  private Outcome run(Upgrade.Ask ask) {
    return run(ask, _ -> {});
  }

  private Outcome run(Upgrade.Ask ask, Consumer<Entry> reader) {
    return ((RunEnd.Walked) end(ask, reader)).outcome();
  }

  private RunEnd end(Upgrade.Ask ask, Consumer<Entry> reader) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    return new Upgrade(topology, Method.LOGICAL, open, reader).run(ask);
  }

  @Test
  @Order(1)
  void shouldUndoForALongTransactionAndNameIt() throws Exception {
    try (var bank = Bank.open(topology);
        var client = bank.connect(0);
        var statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("INSERT INTO bank.keyless VALUES (7, 1)");
      var outcome = run(Upgrade.Ask.SWITCH);
      assertThat(outcome).isInstanceOf(Outcome.Undone.class);
      assertThat(((Outcome.Undone) outcome).differences()).isEmpty();
      assertThat(journal()).contains("hold-traffic", "app");
      client.commit();
      assertNobodyFails(bank);
    }
    assertThat(old.letsIn()).as("the old primary serves").isPresent();
  }

  @Test
  @Order(2)
  void shouldUndoWhereAPoolerDoesNotAnswer() throws Exception {
    var pid = pid("pool1");
    emptyTheBank();
    signal("-STOP", pid);
    try (var bank = Bank.open(topology, 1)) {
      var outcome = run(Upgrade.Ask.SWITCH);
      System.out.printf("story: a pooler that does not answer: %s%n", outcome);
      assertThat(outcome).isInstanceOf(Outcome.Undone.class);
      assertNobodyFails(bank);
    } finally {
      signal("-CONT", pid);
    }
    assertThat(old.letsIn()).as("the old primary serves").isPresent();
  }

  /** The machine of the new primary stands still in the middle of the hold. */
  @Test
  @Order(3)
  void shouldLetEverybodyGoOnWithinTheBudgetWhenTheNewPrimaryStandsStill() throws Exception {
    emptyTheBank();
    var fresh = Stage.live(topology, Path.of("unused"), Witness.NONE).newPrimary();
    var frozen = new ArrayList<String>();
    try (var bank = Bank.open(topology)) {
      var outcome =
          run(
              Upgrade.Ask.SWITCH,
              entry -> {
                if (entry instanceof Entry.Started started
                    && started.step().equals("drain-replication")) {
                  frozen.addAll(processes(fresh));
                  frozen.forEach(pid -> signal("-STOP", pid));
                  // It wakes up when everybody has long gone on, so that the undo can look at it.
                  CompletableFuture.delayedExecutor(12, TimeUnit.SECONDS)
                      .execute(() -> frozen.forEach(pid -> signal("-CONT", pid)));
                }
              });
      assertThat(outcome).isInstanceOf(Outcome.Undone.class);
      long longest = bank.longestMillis();
      System.out.printf(
          "story: the new primary stands still: %s, longest wait %d ms%n", outcome, longest);
      assertThat(longest).isLessThan(topology.limits().holdLogical().plusSeconds(3).toMillis());
      assertNobodyFails(bank);
    }
    assertThat(old.letsIn()).as("the old primary serves").isPresent();
  }

  private static List<String> processes(PgServer server) {
    var pid = server.host().readText(server.data().resolve("postmaster.pid")).orElseThrow();
    var postmaster = pid.lines().findFirst().orElseThrow().strip();
    var all = new ArrayList<>(List.of(postmaster));
    all.addAll(server.host().children(postmaster).keySet());
    return all;
  }

  @Test
  @Order(4)
  void shouldSwitchWhenNothingIsInTheWay() throws Exception {
    emptyTheBank();
    try (var bank = Bank.open(topology)) {
      var outcome = run(Upgrade.Ask.SWITCH);
      if (outcome instanceof Outcome.Undone) {
        // What could not be taken back while a machine stood still is taken back first.
        outcome = run(Upgrade.Ask.SWITCH);
      }
      assertThat(outcome).isEqualTo(new Outcome.Completed());
      assertThat(run(Upgrade.Ask.SETTLE)).isEqualTo(new Outcome.Completed());
      assertNobodyFails(bank);
    }
    assertThat(old.letsIn()).as("the old primary is fenced").isEmpty();
  }

  /** By consent: they are cut off, wait when they come again, and the others feel nothing. */
  @Test
  @Order(5)
  void shouldGoBackWhereOnePoolerPoolsSessions() throws Exception {
    var ini = fixture.lab().dir().resolve("pool").resolve("pool1").resolve("pgbouncer.ini");
    Files.writeString(
        ini, Files.readString(ini).replace("pool_mode = transaction", "pool_mode = session"));
    signal("-HUP", pid("pool1"));
    var consenting = topology.file().resolveSibling("consenting.yaml");
    Files.writeString(
        consenting,
        Files.readString(topology.file())
            .replaceFirst("( +)admin: pgbouncer", "$0\n$1session-pooling: consent"));
    var refused = end(Upgrade.Ask.SWITCH_BACK, _ -> {});
    assertThat(refused).isInstanceOf(RunEnd.Refused.class);
    assertThat(refused.toString()).contains("pool1", "is in session mode", "consent");

    topology = TopologyFile.read(consenting);
    var fresh = Stage.live(topology, Path.of("unused"), Witness.NONE).newPrimary();
    try (var session = fresh.connect("podcasts")) {
      session.execute("TRUNCATE bank.keyed, bank.keyless");
    }
    try (var bank = Bank.open(topology, 1);
        var kept = bank.connect(1);
        var statement = kept.createStatement()) {
      statement.execute("SELECT 1");
      var outcome = run(Upgrade.Ask.SWITCH_BACK);
      assertThat(outcome).isEqualTo(new Outcome.Completed());
      assertThat(kept.isValid(2)).as("in session mode, and connected all the time").isFalse();
      try (var again = bank.connect(1);
          var rows = again.createStatement().executeQuery("SHOW server_version_num")) {
        rows.next();
        assertThat(rows.getInt(1) / 10_000).isEqualTo(old.version().major());
      }
      assertNobodyFails(bank);
    }
  }

  private static void assertNobodyFails(Bank bank) {
    long before = bank.acknowledged();
    dev.upshift.time.Clock.system().sleep(java.time.Duration.ofSeconds(1));
    assertThat(bank.acknowledged()).isGreaterThan(before);
    assertThat(bank.errors()).isEmpty();
  }

  private String journal() throws IOException {
    return Files.readString(RunFolder.latest(topology).orElseThrow().journal());
  }

  /** The pooler itself: the lab's file names the shell that looks after it. */
  private String pid(String pooler) throws IOException {
    var file = fixture.lab().dir().resolve("pool").resolve(pooler).resolve("run").resolve("pid");
    return ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
        .orElseThrow()
        .children()
        .map(child -> Long.toString(child.pid()))
        .findFirst()
        .orElseThrow();
  }

  /** Each bank numbers its rows from one. */
  private void emptyTheBank() {
    try (var session = old.connect("podcasts")) {
      session.execute("TRUNCATE bank.keyed, bank.keyless");
    }
  }

  private static void signal(String signal, String pid) {
    new LocalHost("a test", Witness.NONE).ask(Command.of("kill", signal, pid)).orFail();
  }
}
