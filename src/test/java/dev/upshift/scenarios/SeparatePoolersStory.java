package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.SshConnections;
import dev.upshift.host.SshReach;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.lab.Lab;
import dev.upshift.lab.SeparateHosts;
import dev.upshift.run.Method;
import dev.upshift.run.Planning;
import dev.upshift.run.RunEnd;
import dev.upshift.run.RunFolder;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.Bank;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two PgBouncers on two hosts of their own, reached by OpenSSH; one of them falls silent. */
@Tag("real")
@ExtendWith(Stopwatch.class)
class SeparatePoolersStory {

  private static Outcome run(Topology topology, Upgrade.Ask ask, Consumer<Entry> reader) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, Method.LOGICAL, open, reader).run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    return ((RunEnd.Walked) end).outcome();
  }

  private static String config(SeparateHosts hosts, Topology topology, String pooler) {
    try (var connections = new SshConnections()) {
      var process =
          topology.traffic().pgbouncer().orElseThrow().processes().stream()
              .filter(one -> one.host().equals(pooler))
              .findFirst()
              .orElseThrow();
      var reach = SshReach.of(pooler).withConfiguration(hosts.sshConfig());
      return connections.host(pooler, reach, Witness.NONE).readText(process.config()).orElseThrow();
    }
  }

  /** The consoles are spoken to from here, and not from the pooler's host. */
  private static void shouldShowWhatItWouldTellThePoolersAndTellThemNothing(Lab lab)
      throws IOException {
    var topology = lab.topology();
    for (var method : Method.values()) {
      var shape = new Planning(topology).of(Upgrade.Ask.UPGRADE, method);
      assertThat(shape.blocked()).as("%s", method).isEmpty();
      var shown =
          shape.lines().stream()
              .flatMap(line -> line.effects().stream())
              .map(Planning.Shown::what)
              .toList();
      assertThat(shown).as("%s", method).anyMatch(what -> what.startsWith("RELOAD;"));
      if (method == Method.LOGICAL) {
        assertThat(shown).anyMatch(what -> what.startsWith("PAUSE \"app\";"));
      }
    }
    for (var pooler : List.of("pool1", "pool2")) {
      var log = lab.dir().resolve("pool").resolve(pooler).resolve("run").resolve("err");
      assertThat(Files.readString(log)).contains("process up").doesNotContain("command issued");
    }
  }

  /** The new side has another password, and the fence is closed again. */
  private static void shouldRefuseWhereAPoolersLoginWouldFail(Topology topology) {
    var fresh = Stage.live(topology, Path.of("unused"), Witness.NONE).newPrimary();
    var secret = "SELECT rolpassword FROM pg_authid WHERE rolname = 'app'";
    var change = "SET default_transaction_read_only = off; ALTER ROLE app PASSWORD '%s'";
    var password = new String[1];
    var failed =
        run(
            topology,
            Upgrade.Ask.UPGRADE,
            entry -> {
              if (entry instanceof Entry.Started started
                  && started.step().equals("try-connections")) {
                password[0] = fresh.ask(secret).orElseThrow();
                try (var session = fresh.connect()) {
                  session.execute(change.formatted("another"));
                }
              }
            });
    assertThat(failed)
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            outcome -> {
              assertThat(outcome.step()).isEqualTo("try-logins");
              assertThat(outcome.what())
                  .contains("pool1:", "pool2:", "entry app as app: password authentication failed")
                  .doesNotContain("as app_ro");
            });
    assertThat(fresh.letsIn()).isEmpty();
    assertThat(fresh.hba().text()).doesNotContain("a gap");
    try (var session = fresh.connect()) {
      session.execute(change.formatted(password[0]));
    }
  }

  @Test
  void shouldHoldAllPoolersOrNone() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().onSeparateHosts().withPgBouncer())) {
      var hosts = fixture.lab().hosts().orElseThrow();
      var topology = fixture.lab().topology();
      var old = Stage.live(topology, Path.of("unused"), Witness.NONE).oldPrimary();
      Bank.make(old);
      var before = config(hosts, topology, "pool1");
      shouldShowWhatItWouldTellThePoolersAndTellThemNothing(fixture.lab());

      try (var atOther = Bank.open(topology, 1)) {
        shouldRefuseWhereAPoolersLoginWouldFail(topology);
        assertThat(config(hosts, topology, "pool1")).isEqualTo(before);
        var undone =
            run(
                topology,
                Upgrade.Ask.RESUME,
                entry -> {
                  if (entry instanceof Entry.Started started
                      && started.step().equals("hold-traffic")) {
                    hosts.cutOff("pool1");
                  }
                });
        System.out.printf(
            "story: pool1 silent in the hold: %s, longest wait at pool2 %d ms%n",
            undone, atOther.longestMillis());
        assertThat(undone).isInstanceOf(Outcome.Undone.class);
        hosts.join("pool1");
        assertThat(atOther.errors()).isEmpty();
      }

      try (var session = old.connect("podcasts")) {
        session.execute("TRUNCATE bank.keyed, bank.keyless, bank.parted");
      }
      // What could not be taken back while it was away is taken back first.
      assertThat(run(topology, Upgrade.Ask.RESUME, _ -> {}))
          .isInstanceOfSatisfying(
              Outcome.Undone.class, again -> assertThat(again.differences()).isEmpty());
      assertThat(config(hosts, topology, "pool1")).isEqualTo(before);
      var bank = Bank.open(topology);
      try (bank) {
        assertThat(run(topology, Upgrade.Ask.RESUME, _ -> {})).isEqualTo(new Outcome.Completed());
        long there = bank.longestMillis();
        for (var pooler : new String[] {"pool1", "pool2"}) {
          assertThat(config(hosts, topology, pooler))
              .contains("host=" + hosts.address("db4"))
              .doesNotContain("host=" + hosts.address("db1"));
        }
        assertThat(run(topology, Upgrade.Ask.SWITCH_BACK, _ -> {}))
            .isEqualTo(new Outcome.Completed());
        assertThat(Files.readString(RunFolder.latest(topology).orElseThrow().effects()))
            .contains("PAUSE", "RESUME");
        System.out.printf(
            "story: poolers on two hosts: %d transactions, longest %d and %d ms%n",
            bank.acknowledged(), there, bank.longestMillis());
        assertThat(bank.errors()).isEmpty();
      }
      assertThat(bank.wrongOn(old)).isEmpty();
      assertThat(config(hosts, topology, "pool1")).contains("app = host=" + hosts.address("db1"));
    }
  }
}
