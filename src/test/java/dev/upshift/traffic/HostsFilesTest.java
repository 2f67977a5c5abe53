package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostsFilesTest {
  private static final String OWN = "# ours\n10.0.0.9 mail\n";
  @TempDir Path folder;

  private HostsFiles.Place place(String server, boolean mayBeAway) {
    return new HostsFiles.Place(
        new LocalHost(server, Witness.NONE), folder.resolve(server), mayBeAway);
  }

  /** As a new process has them: it does not know who was away. */
  private HostsFiles files() {
    return new HostsFiles(List.of(place("web1", false), place("web3", true)), Set.of("db", "ro"));
  }

  private String text(String server) throws IOException {
    return Files.readString(folder.resolve(server));
  }

  /** Away when the snapshot was made, there when the others were parked. */
  @Test
  void shouldLeadBackAServerThatCameLate() throws IOException {
    var before = "10.0.0.1 db\n10.0.0.2 ro\n";
    Files.writeString(folder.resolve("web1"), before);
    var snapshot = files().snapshot();
    assertThat(snapshot.places()).containsOnlyKeys("web1");

    Files.writeString(folder.resolve("web3"), OWN + before);
    files().point(Map.of("db", "10.0.0.3", "ro", "10.0.0.3"));
    assertThat(text("web1")).isEqualTo("10.0.0.3 db\n10.0.0.3 ro\n");
    assertThat(text("web3")).isEqualTo(OWN + "10.0.0.3 db\n10.0.0.3 ro\n");

    files().restore(snapshot);
    assertThat(text("web1")).isEqualTo(before);
    assertThat(text("web3")).isEqualTo(OWN + before);
    try (var left = Files.list(folder)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("web1", "web3");
    }
  }
}
