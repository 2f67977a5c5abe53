package dev.upshift.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

/** Records in a journal: what a step wrote is what its undo reads. */
class JsonTest {
  /** A record that is its text, as a position or a version is. */
  record Position(long value) {
    public static Position parse(String text) {
      return new Position(Long.parseLong(text, 16));
    }

    @Override
    public String toString() {
      return Long.toHexString(value);
    }
  }

  record Nothing() {}

  record Rich(
      Position position,
      Optional<Position> maybe,
      Optional<String> none,
      List<Position> many,
      Map<String, String> names,
      Path path,
      Duration duration,
      boolean flag) {}

  @Test
  void shouldWriteARecordWithParseAsItsText() {
    assertThat(Json.line(Map.of("at", new Position(0xBEEF)))).isEqualTo("{\"at\":\"beef\"}");
    assertThat(Json.value("\"beef\"", Position.class)).isEqualTo(new Position(0xBEEF));
  }

  @Test
  void shouldReadARecordBackEqual() {
    var rich =
        new Rich(
            new Position(1),
            Optional.of(new Position(2)),
            Optional.empty(),
            List.of(new Position(3)),
            Map.of("db1.internal", "10.0.0.1"),
            Path.of("/var/lib/x"),
            Duration.ofMillis(1500),
            true);
    assertThat(Json.value(Json.tree(rich), Rich.class)).isEqualTo(rich);
    assertThat(Json.value(Json.line(rich), Rich.class)).isEqualTo(rich);
    assertThat(Json.value(Json.pretty(rich), Rich.class)).isEqualTo(rich);
    assertThat(Json.value(Json.tree(new Nothing()), Nothing.class)).isEqualTo(new Nothing());
  }

  @Test
  void shouldNameTheTypeOfATextThatDoesNotParse() {
    assertThatExceptionOfType(JacksonException.class)
        .isThrownBy(() -> Json.value("\"xyz\"", Position.class))
        .withMessageContaining("'xyz' is no Position");
  }
}
