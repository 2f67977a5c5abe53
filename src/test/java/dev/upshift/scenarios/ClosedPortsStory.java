package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.SshConnections;
import dev.upshift.host.SshReach;
import dev.upshift.host.Witness;
import dev.upshift.lab.SeparateHosts;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.Stopwatch;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The usual firewall: the databases' port is open to each other and to the applications, and closed
 * to the machine that upshift runs on; and the databases' sockets let in only whoever has the
 * owner's account (peer), which ssh's end of a socket has not.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class ClosedPortsStory {
  private static final List<String> DATABASES = List.of("db1", "db2", "db3", "db4");

  private static Outcome run(Topology topology, Upgrade.Ask ask) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, Method.LOGICAL, open, _ -> {}).run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    return ((RunEnd.Walked) end).outcome();
  }

  private static Host root(SshConnections connections, SeparateHosts hosts, String name) {
    var reach = SshReach.of(name).withConfiguration(hosts.sshConfig());
    return connections.host(name, reach, Witness.NONE);
  }

  /** Answers from the port to our machine vanish. */
  private static void closePort(Host database, SeparateHosts hosts, int port) {
    database.run(
        Command.of("ip", "rule", "add", "to", hosts.addressHere() + "/32")
            .with("ipproto", "tcp", "sport", port, "blackhole"));
    assertThatThrownBy(
            () -> {
              try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(hosts.address(database.name()), port), 500);
              }
            })
        .isInstanceOf(IOException.class);
  }

  private static void letInByPeerOnly(Host database, Topology topology) {
    var server = topology.server(database.name());
    var file = Path.of(topology.oldCluster().config(server).toString(), "pg_hba.conf");
    var text = database.readText(file).orElseThrow();
    var local = "local   all          all                      scram-sha-256";
    assertThat(text).contains(local);
    var owner = database.as(topology.admin().osUser());
    owner.replaceText(file, text.replace(local, local.replace("scram-sha-256", "peer")));
    var pgCtl = topology.oldCluster().bin().resolve("pg_ctl");
    owner.run(Command.of(pgCtl, "-D", topology.oldCluster().data(server), "reload"));
  }

  /** As the owner, on the server's machine. */
  private static String say(Host database, Topology topology, Topology.Side side, String sql) {
    return database
        .as(topology.admin().osUser())
        .attempt(
            Command.of(side.bin().resolve("psql"), "-XAtq", "-d", "podcasts", "-c", sql)
                .with("-h", side.sockets(topology.server(database.name())), "-p", side.port()))
        .orFail()
        .out()
        .strip();
  }

  @Test
  void shouldUpgradeAndGoBackWhereThePortIsClosedToUs() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly().onSeparateHosts());
        var connections = new SshConnections()) {
      var hosts = fixture.lab().hosts().orElseThrow();
      var file = fixture.lab().topologyFile();
      // The probe connects from here.
      var text = Files.readString(file);
      Files.writeString(file, text.substring(0, text.indexOf("# Reads and writes measured")));
      var topology = TopologyFile.read(file);
      var old = topology.oldCluster();
      for (var name : List.of("db1", "db2", "db3")) {
        letInByPeerOnly(root(connections, hosts, name), topology);
      }
      for (var name : DATABASES) {
        closePort(root(connections, hosts, name), hosts, old.port());
      }
      var db1 = root(connections, hosts, "db1");
      var db4 = root(connections, hosts, "db4");
      say(db1, topology, old, "CREATE TABLE public.story AS SELECT 1 AS n");
      say(db1, topology, old, "ALTER TABLE public.story ADD PRIMARY KEY (n)");

      assertThat(run(topology, Upgrade.Ask.UPGRADE)).isEqualTo(new Outcome.Completed());
      say(db4, topology, topology.newCluster(), "INSERT INTO public.story VALUES (2)");
      assertThat(run(topology, Upgrade.Ask.SWITCH_BACK)).isEqualTo(new Outcome.Completed());
      assertThat(say(db1, topology, old, "SELECT count(*) FROM public.story")).isEqualTo("2");
    }
  }
}
