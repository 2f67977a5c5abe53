package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.longs;

import dev.upshift.failure.WorldError;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Positions compare as bytes and look as PostgreSQL shows them. */
class LsnTest {
  @Test
  void shouldReadAndShowAsPostgresqlDoes() {
    assertThat(Lsn.parse("0/3000148").bytes()).isEqualTo(0x3000148L);
    assertThat(Lsn.parse("16/B374D848\n")).hasToString("16/B374D848");
    assertThat(Lsn.parse("FFFFFFFF/FFFFFFFF")).hasToString("FFFFFFFF/FFFFFFFF");
    assertThat(Lsn.parse("0/0")).hasToString("0/0");
  }

  @Test
  void shouldReadBackEveryPosition() {
    qt().forAll(longs().all())
        .check(bytes -> Lsn.parse(new Lsn(bytes).toString()).bytes() == bytes);
  }

  @Test
  void shouldCompareByBytesAndNotByText() {
    assertThat(Lsn.parse("10/0").isAfter(Lsn.parse("9/FFFFFFFF"))).isTrue();
    assertThat(Lsn.parse("FFFFFFFF/0").isAfter(Lsn.parse("1/0"))).isTrue();
    assertThat(Lsn.parse("1/0").isAfter(Lsn.parse("1/0"))).isFalse();
    assertThat(Lsn.parse("1/0").minus(Lsn.parse("0/FFFFFFFF"))).isEqualTo(1);
  }

  @Test
  void shouldRefuseWhatIsNoPosition() {
    for (var text : List.of("", "/", "1", "1/", "/1", "x/1")) {
      assertThatExceptionOfType(WorldError.class)
          .as(text)
          .isThrownBy(() -> Lsn.parse(text))
          .withMessageContaining("'" + text + "' is no WAL position");
    }
  }
}
