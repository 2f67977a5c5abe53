package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.journal.Entry;
import dev.upshift.lab.Lab;
import dev.upshift.lab.SeparateHosts;
import dev.upshift.report.Report;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.SlowRelay;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Everything that upshift says to a machine is late by some milliseconds, and so is the answer:
 * commands, files, and SQL too, which goes through the servers' own sockets by the same ssh. Hosts
 * among each other, and the probe, are as near as ever.
 */
@Tag("real")
@Tag("full")
@ExtendWith(Stopwatch.class)
class DistantServersStory {
  private static final Duration EACH_WAY = Duration.ofMillis(10);

  /** Relays to the ssh servers of a lab's hosts, by the hosts' names. */
  private record Distance(Map<String, SlowRelay> relays) implements AutoCloseable {
    static Distance to(SeparateHosts hosts) throws IOException {
      var distance = new Distance(new LinkedHashMap<>());
      try {
        for (var name : hosts.names()) {
          var there = new InetSocketAddress(hosts.address(name), 22);
          distance.relays().put(name, SlowRelay.to(there, EACH_WAY));
        }
        return distance;
      } catch (IOException | RuntimeException e) {
        distance.close();
        throw e;
      }
    }

    /** ssh's settings with the relays in the hosts' places; the hosts' keys are known as before. */
    Path settings(SeparateHosts hosts) throws IOException {
      var text = Files.readString(hosts.sshConfig());
      for (var name : relays.keySet()) {
        var near = "HostName " + hosts.address(name) + "\n";
        assertThat(text).contains(near);
        text =
            text.replace(
                near,
                "HostName 127.0.0.1\n  Port %d\n  HostKeyAlias %s\n"
                    .formatted(relays.get(name).port(), hosts.address(name)));
      }
      return Files.writeString(hosts.sshConfig().resolveSibling("far_ssh_config"), text);
    }

    @Override
    public void close() {
      relays.values().forEach(SlowRelay::close);
    }
  }

  private static Topology through(Path settings, Lab lab) throws IOException {
    var near = lab.hosts().orElseThrow().sshConfig().toString();
    var text = Files.readString(lab.topologyFile());
    assertThat(text).contains(near);
    // How long it takes is measured, not judged: this machine may be busy with other things.
    var patient = text.replace("logical: 5s", "logical: 30s");
    assertThat(patient).isNotEqualTo(text);
    var file = lab.topologyFile().resolveSibling("far.yaml");
    return TopologyFile.read(Files.writeString(file, patient.replace(near, settings.toString())));
  }

  /** What the steps took while clients were held. */
  private static String inTheHold(Report report) {
    return report.entries().stream()
        .filter(Entry.Done.class::isInstance)
        .map(Entry.Done.class::cast)
        .dropWhile(done -> !done.step().equals("hold-traffic"))
        .takeWhile(done -> !done.step().equals("drop-forward-replication"))
        .map(done -> done.step() + " " + done.millis())
        .collect(Collectors.joining(", "));
  }

  private static void shouldHoldAndLoseNothing(Topology topology, Upgrade.Ask ask) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, Method.LOGICAL, open, _ -> {}).run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    var walked = (RunEnd.Walked) end;
    assertThat(walked.outcome()).isEqualTo(new Outcome.Completed());
    var held = walked.report().held().orElseThrow();
    var ledger = walked.report().ledger().orElseThrow();
    System.out.printf(
        "story: %s, %d ms each way: held for %d ms (%s); %s%n",
        ask, EACH_WAY.toMillis(), held.toMillis(), inTheHold(walked.report()), ledger);
    assertThat(ledger.clean()).as(ledger.toString()).isTrue();
    assertThat(ledger.acknowledged()).isPositive();
    // There is no hold without a question and its answer.
    assertThat(held).isGreaterThan(EACH_WAY.multipliedBy(2));
  }

  @Test
  void shouldUpgradeAndGoBackFromFarAway() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().onSeparateHosts());
        var distance = Distance.to(fixture.lab().hosts().orElseThrow())) {
      var settings = distance.settings(fixture.lab().hosts().orElseThrow());
      var topology = through(settings, fixture.lab());
      shouldHoldAndLoseNothing(topology, Upgrade.Ask.UPGRADE);
      shouldHoldAndLoseNothing(topology, Upgrade.Ask.SWITCH_BACK);
      assertThat(distance.relays().values())
          .as("every host was reached through its relay")
          .allMatch(relay -> relay.accepted() > 0);
    }
  }
}
