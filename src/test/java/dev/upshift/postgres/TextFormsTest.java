package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.journal.Json;
import dev.upshift.topology.PgVersion;
import org.junit.jupiter.api.Test;

/** Positions and versions stand in a journal as people write them. */
class TextFormsTest {
  record Both(Lsn at, PgVersion version) {}

  @Test
  void shouldStandInAJournalAsPeopleWriteThem() {
    var both = new Both(Lsn.parse("16/B374D848"), PgVersion.parse("9.6"));
    assertThat(Json.line(both)).isEqualTo("{\"at\":\"16/B374D848\",\"version\":\"9.6\"}");
    assertThat(Json.value(Json.line(both), Both.class)).isEqualTo(both);
  }
}
