package dev.upshift.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.AtOnce;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShownEffectsTest {
  private static final int HOSTS = 16;
  private static final int EACH = 5_000;

  @Test
  void shouldKeepWhatManyHostsAreToldAtTheSameTime() {
    var effects = new ShownEffects();
    var first = effects.ofNext();
    var hosts = IntStream.range(0, HOSTS).mapToObj(n -> "web" + n).toList();
    AtOnce.each(
        hosts,
        host -> {
          IntStream.range(0, EACH).forEach(n -> effects.effect(host, "step " + n));
          return true;
        });
    var second = effects.ofNext();
    effects.effect("db1", "later");

    assertThat(first).hasSize(HOSTS * EACH).doesNotContainNull();
    for (var host : hosts) {
      assertThat(
              first.stream().filter(shown -> shown.host().equals(host)).map(Planning.Shown::what))
          .containsExactlyElementsOf(IntStream.range(0, EACH).mapToObj(n -> "step " + n).toList());
    }
    assertThat(second).containsExactly(new Planning.Shown("db1", "later"));
  }
}
