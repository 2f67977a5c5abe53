package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.journal.Json;
import dev.upshift.lab.Lab;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.RunFolder;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.Bank;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.ThrowawaySshd;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Every machine is reached by OpenSSH: database servers, poolers, balancer, applications. What is
 * done there is the same, and so is what clients feel.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class OverSshStory {

  private static Topology overSsh(Path file, ThrowawaySshd sshd) throws IOException {
    var text = Files.readString(file);
    var config = sshd.reach().configuration().orElseThrow();
    var far = text.replaceFirst("(?m)^access:.*$", "");
    return TopologyFile.read(
        Files.writeString(
            file.resolveSibling("over-ssh.yaml"),
            far + "\naccess: ssh\nssh: {config: " + config + ", user: root}\n"));
  }

  private static Outcome run(Topology topology, Method method, Upgrade.Ask ask) {
    return run(topology, method, ask, _ -> {});
  }

  private static Outcome run(
      Topology topology, Method method, Upgrade.Ask ask, Consumer<Entry> reader) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, method, open, reader).run(ask);
    assertThat(end).isInstanceOf(RunEnd.Walked.class);
    return ((RunEnd.Walked) end).outcome();
  }

  @Test
  void shouldSwitchAndSwitchBackBehindPoolersWithoutAFailedStatement() throws Exception {
    try (var sshd = ThrowawaySshd.start();
        var fixture = LabFixture.up(LabFixture.tiny().withPgBouncer())) {
      Lab lab = fixture.lab();
      var topology = overSsh(lab.topologyFile(), sshd);
      var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
      Bank.make(stage.oldPrimary());
      try (var bank = Bank.open(topology)) {
        assertThat(run(topology, Method.LOGICAL, Upgrade.Ask.UPGRADE))
            .isEqualTo(new Outcome.Completed());
        long there = bank.longestMillis();
        assertThat(run(topology, Method.LOGICAL, Upgrade.Ask.SWITCH_BACK))
            .isEqualTo(new Outcome.Completed());
        System.out.printf(
            "story: over ssh, logical: %d transactions, longest %d and %d ms%n",
            bank.acknowledged(), there, bank.longestMillis());
        assertThat(bank.errors()).isEmpty();
      }
      assertThat(run(topology, Method.LOGICAL, Upgrade.Ask.FINISH))
          .isEqualTo(new Outcome.Completed());
      assertThat(stage.newPrimary().isRunning()).isFalse();
    }
  }

  /** One of the rest of the fleet falls silent past the border, and is dead on the way back. */
  @Test
  void shouldLeaveBehindWhoCannotBeReachedAndNeedNotBe() throws Exception {
    try (var sshd = ThrowawaySshd.start();
        var ofWeb2 = ThrowawaySshd.start();
        var fixture = LabFixture.up(LabFixture.serversOnly())) {
      apart("web2", ofWeb2, sshd);
      var topology = overSsh(SmallFleet.describe(fixture.lab()), sshd);
      var hosts = topology.traffic().hostsFile().orElseThrow();
      var before = Files.readString(hosts.on("web2"));
      var client = new FleetClient(topology);
      client.makeTable();
      client.write(1);
      var outcome =
          run(
              topology,
              Method.PHYSICAL,
              Upgrade.Ask.UPGRADE,
              entry -> {
                if (entry instanceof Entry.Started started
                    && started.step().equals("release-traffic")) {
                  signal(ofWeb2, "STOP");
                }
              });
      assertThat(outcome).isEqualTo(new Outcome.Completed());
      assertThat(behind(topology, "point-rest-of-fleet")).contains("web2: no answer within 2 s");
      assertThat(Files.readString(hosts.on("web2"))).isEqualTo(before);
      client.write(2);
      ofWeb2.stop();
      assertThat(run(topology, Method.PHYSICAL, Upgrade.Ask.SWITCH_BACK))
          .isEqualTo(new Outcome.Completed());
      assertThat(behind(topology, "point-names-at-standbys")).contains("web2: ");
      client.write(3);
      for (int n = 1; n <= 3; n++) {
        assertThat(client.sees("db1.internal", n)).as("row " + n).isTrue();
      }
    }
  }

  /** This machine is reached by a server of its own. */
  private static void apart(String name, ThrowawaySshd own, ThrowawaySshd rest) throws IOException {
    var config = rest.reach().configuration().orElseThrow();
    var first = Files.readString(own.reach().configuration().orElseThrow());
    Files.writeString(
        config, first.replace("Host *", "Host " + name) + "\n" + Files.readString(config));
  }

  private static void signal(ThrowawaySshd sshd, String name) {
    try {
      sshd.signalSessions(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String behind(Topology topology, String step) {
    return RunFolder.latest(topology).orElseThrow().entries().stream()
        .filter(entry -> entry instanceof Entry.Done done && done.step().equals(step))
        .map(entry -> Json.line(((Entry.Done) entry).result()))
        .findFirst()
        .orElse("not done");
  }
}
