package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.traffic.TrafficSwitch.Snapshot;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SnapshotTest {
  @Test
  void shouldNotMindAServerThatHasComeBack() {
    var before = new Snapshot(Map.of("web1", "10.0.0.1 db1"));
    assertThat(new Snapshot(Map.of("web1", "10.0.0.1 db1", "web3", "")).includes(before)).isTrue();
    assertThat(new Snapshot(Map.of("web1", "10.0.0.4 db1", "web3", "")).includes(before)).isFalse();
    assertThat(new Snapshot(Map.of("web3", "")).includes(before)).isFalse();
  }
}
