package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.topology.PgVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

class SuitesTest {

  @Test
  void shouldKnowTheSuiteOfEachVersionAndNoneForTheOthers() {
    assertThat(Suites.ofPostgres(PgVersion.of(13))).containsExactly("bullseye");
    assertThat(Suites.ofPostgres(PgVersion.of(15))).containsExactly("bookworm");
    assertThat(Suites.ofPostgres(PgVersion.of(17))).containsExactly("trixie");
    assertThat(Suites.ofPostgres(PgVersion.of(18))).containsExactly("forky", "sid");
    assertThat(Suites.ofPostgres(PgVersion.of(16))).isEmpty();
    assertThat(Suites.ofPostgres(PgVersion.parse("9.6"))).isEmpty();
  }

  @Test
  void shouldLookIntoTheMachinesOwnSuiteFirstAndIntoNoneTwice() {
    assertThat(Suites.named(Suites.OWN_FIRST, "trixie"))
        .containsExactly("trixie", "sid", "forky", "bookworm", "bullseye");
    assertThat(Suites.named(List.of("forky"), "trixie")).containsExactly("forky");
  }
}
