package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Witness;
import dev.upshift.lab.Lab;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
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
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, method, open, _ -> {}).run(ask);
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

  @Test
  void shouldUpgradeByTheChecklist() throws Exception {
    try (var sshd = ThrowawaySshd.start();
        var fixture = LabFixture.up(LabFixture.serversOnly())) {
      var topology = overSsh(SmallFleet.describe(fixture.lab()), sshd);
      var client = new FleetClient(topology);
      client.makeTable();
      client.write(1);
      assertThat(run(topology, Method.PHYSICAL, Upgrade.Ask.UPGRADE))
          .isEqualTo(new Outcome.Completed());
      client.write(2);
      assertThat(run(topology, Method.PHYSICAL, Upgrade.Ask.SWITCH_BACK))
          .isEqualTo(new Outcome.Completed());
      client.write(3);
      for (int n = 1; n <= 3; n++) {
        assertThat(client.sees("db1.internal", n)).as("row " + n).isTrue();
      }
    }
  }
}
