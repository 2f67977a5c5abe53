package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.fleet.Workers;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.lab.LabStatus;
import dev.upshift.run.Stage;
import dev.upshift.testing.ServingSide;
import dev.upshift.testing.SharedLabs;
import dev.upshift.testing.Stopwatch;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * After an upgrade nobody may reach the old primary or read old rows, and the fleets are as the
 * operator had them: whom he had stopped stays stopped.
 */
@Tag("real")
@ExtendWith({SharedLabs.class, Stopwatch.class})
class OldPrimaryProvablyDownStory {

  @Test
  void shouldKeepTheOldSideDownAndTheFleetsAsTheyWere(SharedLabs.Labs labs) {
    var stand = labs.upgradedFleets();
    var topology = stand.topology();
    var old = Stage.live(topology, Path.of("unused"), Witness.NONE).oldPrimary();

    assertThat(old.isRunning()).isFalse();
    assertThat(old.control().state()).isEqualTo("shut down");
    assertThatThrownBy(() -> connect(new InetSocketAddress(old.address(), old.port())))
        .hasMessageContaining("refused");
    assertThat(new ServingSide(topology).notProvablyDown()).isEmpty();
    assertThat(new ServingSide(topology).wrongWithNew()).isEmpty();

    var workers = topology.offline().servers();
    var hosts =
        workers.stream()
            .collect(
                Collectors.<String, String, Host>toMap(
                    Function.identity(), server -> new LocalHost(server, Witness.NONE)));
    assertThat(new Workers(hosts, topology.offline()).running(workers))
        .containsExactlyElementsOf(List.of("work1", "login1"));
    assertThat(stand.fixture().lab().status().processes())
        .filteredOn(process -> !process.name().equals(SharedLabs.STOPPED_WORKER))
        .allMatch(LabStatus.ProcessStatus::running, "runs");
  }

  private static void connect(InetSocketAddress address) throws java.io.IOException {
    try (var socket = new Socket()) {
      socket.connect(address, 1000);
    }
  }
}
