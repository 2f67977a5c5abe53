package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What pg_controldata of 13, 15, 17 and 18 said of clusters that initdb had just made. */
class ControlFileTest {

  @Test
  void shouldReadWhatEachVersionSays() throws IOException {
    assertRead(13, "0/15CF128", "7710992180062700587", false);
    assertRead(15, "0/1741868", "7710992187377046784", true);
    assertRead(17, "0/14EF3C0", "7710992200217818774", false);
    assertRead(18, "0/1766020", "7710992210353809295", true);
  }

  private static void assertRead(
      int version, String checkpoint, String identifier, boolean checksums) throws IOException {
    assertThat(ControlFile.parse("db1", sample(version)))
        .isEqualTo(
            new ControlFile(
                "shut down", Lsn.parse(checkpoint), 1, identifier, checksums, 16 * 1024 * 1024));
  }

  @Test
  void shouldTakeOnlyAPrimarysCleanShutdownForOne() throws IOException {
    var clean = sample(15);
    assertThat(ControlFile.parse("db1", clean).shutDownCleanly()).isTrue();
    for (var state : new String[] {"in production", "shut down in recovery", "shutting down"}) {
      var other = clean.replaceFirst("(cluster state: +).*", "$1" + state);
      assertThat(ControlFile.parse("db1", other).shutDownCleanly()).as(state).isFalse();
    }
  }

  @Test
  void shouldNameWhatIsMissing() {
    assertThatExceptionOfType(WorldError.class)
        .isThrownBy(() -> ControlFile.parse("db1", "pg_controldata: error\n"))
        .withMessage("db1: pg_controldata shows no 'Database cluster state'");
  }

  static String sample(int version) throws IOException {
    var name = "controldata-" + version + ".txt";
    try (var stream = Objects.requireNonNull(ControlFileTest.class.getResourceAsStream(name))) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
