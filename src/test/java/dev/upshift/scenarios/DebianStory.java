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
import dev.upshift.lab.Lab;
import dev.upshift.lab.SeparateHosts;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Sudoers;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * PostgreSQL as Debian installs it on hosts without systemd, run by pg_ctlcluster, and an account
 * on them that may do no more than what {@code upshift sudoers} prints.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class DebianStory {
  private static final String ACCOUNT = "deploy";

  /** An account of this host alone: its home lies in /run, which nobody else has. */
  private static final String MAKE_ACCOUNT =
      """
      echo "$1:x:64990:64990::/run/$1:/bin/sh" >>/etc/passwd
      echo "$1:x:64990:" >>/etc/group
      echo "$1:*:20000:0:99999:7:::" >>/etc/shadow
      install -d -m 0700 -o "$1" -g "$1" "/run/$1"
      install -d -m 0755 /etc/ssh/authorized_keys.d
      printf '%s' "$2" >"/etc/ssh/authorized_keys.d/$1"
      """;

  private static final Path SUDOERS = Path.of("/etc/sudoers.d/upshift");

  private LabFixture fixture;
  private SeparateHosts hosts;
  private SshConnections connections;

  @BeforeEach
  void up() {
    fixture = LabFixture.up(LabFixture.serversOnly().withPgCtlCluster());
    hosts = fixture.lab().hosts().orElseThrow();
    connections = new SshConnections();
  }

  @AfterEach
  void down() {
    connections.close();
    fixture.close();
  }

  private static RunEnd end(Topology topology, Upgrade.Ask ask) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    return new Upgrade(topology, Method.PHYSICAL, open, _ -> {}).run(ask);
  }

  private static void run(Topology topology, Upgrade.Ask ask) {
    var end = end(topology, ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    assertThat(((RunEnd.Walked) end).outcome()).isEqualTo(new Outcome.Completed());
  }

  private Host root(String name) {
    var reach = SshReach.of(name).withConfiguration(hosts.sshConfig());
    return connections.host(name, reach, Witness.NONE);
  }

  /** The lab's topology, as one of whom only this account can log in to the machines. */
  private static Topology asAccount(Lab lab) throws IOException {
    var file = lab.topologyFile();
    var text = Files.readString(file);
    assertThat(text).contains("ssh: {config: ");
    Files.writeString(
        file, text.replace("ssh: {config: ", "ssh: {user: " + ACCOUNT + ", config: "));
    return TopologyFile.read(file);
  }

  /** By its process; pg_lsclusters goes by the port, which both versions have. */
  private boolean runs(String name, PgVersion version) {
    return root(name).ask(Command.of("pg_ctlcluster", version, "main", "status")).ok();
  }

  private void write(Topology topology, String at, int n) throws SQLException {
    new FleetClient(topology).writeNextAt(hosts.address(at), n);
  }

  @Test
  void shouldUpgradeClustersOfPgCtlClusterAsAnAccountThatSudoLetsIn() throws Exception {
    assertThat(Path.of("/usr/bin/sudo")).as("sudo, which .ci/run installs").exists();
    var key = Files.readString(hosts.sshConfig().resolveSibling("id.pub"));
    for (var name : hosts.names()) {
      root(name).run(Command.of("sh", "-ec", MAKE_ACCOUNT, "sh", ACCOUNT, key));
    }
    var topology = asAccount(fixture.lab());
    var old = topology.oldCluster().version();
    var fresh = topology.newCluster().version();
    shouldSayThatSudoDoesNotLetIn(topology);
    Sudoers.of(topology).forEach((machine, lines) -> root(machine).replaceText(SUDOERS, lines));
    write(topology, "db1", 1);

    run(topology, Upgrade.Ask.UPGRADE);
    assertThat(List.of("db1", "db3")).allMatch(name -> runs(name, old) && !runs(name, fresh));
    assertThat(List.of("db2", "db4")).allMatch(name -> runs(name, fresh) && !runs(name, old));
    write(topology, "db4", 2);

    run(topology, Upgrade.Ask.SWITCH_BACK);
    write(topology, "db1", 3);
    run(topology, Upgrade.Ask.UPGRADE);
    write(topology, "db4", 4);
    run(topology, Upgrade.Ask.FINISH);
    write(topology, "db4", 5);
    assertThat(List.of("db2", "db3", "db4")).allMatch(name -> runs(name, fresh));
    assertThat(hosts.names()).noneMatch(name -> name.startsWith("db") && runs(name, old));
  }

  private static void shouldSayThatSudoDoesNotLetIn(Topology topology) {
    String said;
    try {
      said = end(topology, Upgrade.Ask.UPGRADE).toString();
    } catch (WorldError e) {
      said = e.getMessage() + e.hint();
    }
    assertThat(said)
        .contains("cannot work as 'postgres' from the account '" + ACCOUNT + "'", "NOPASSWD");
  }
}
