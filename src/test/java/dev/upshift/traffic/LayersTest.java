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

/** Two layers as one, each with its own names. */
class LayersTest {
  @TempDir private Path folder;

  @Test
  void shouldLeadEachNameInItsOwnLayerOnly() throws IOException {
    var web = layer("web1", "db1.internal");
    var work = layer("work1", "db2.internal");
    var layers = new Layers(List.of(web, work));
    var before = layers.snapshot();
    var wanted = Map.of("db1.internal", "10.0.0.9", "db2.internal", "10.0.0.8", "app", "10.0.0.7");

    layers.point(wanted);

    assertThat(layers.names()).containsExactlyInAnyOrder("db1.internal", "db2.internal");
    assertThat(layers.leads(wanted)).isTrue();
    assertThat(layers.leads(Map.of("db2.internal", "10.0.0.9"))).isFalse();
    assertThat(layers.snapshot().places())
        .containsEntry("web1", "10.0.0.9 db1.internal\n10.0.0.1 db2.internal\n")
        .containsEntry("work1", "10.0.0.1 db1.internal\n10.0.0.8 db2.internal\n");
    layers.restore(before);
    assertThat(layers.snapshot()).isEqualTo(before);
  }

  private HostsFiles layer(String host, String name) throws IOException {
    var file =
        Files.writeString(folder.resolve(host), "10.0.0.1 db1.internal\n10.0.0.1 db2.internal\n");
    var place = new HostsFiles.Place(new LocalHost(host, Witness.NONE), file);
    return new HostsFiles(List.of(place), Set.of(name));
  }
}
