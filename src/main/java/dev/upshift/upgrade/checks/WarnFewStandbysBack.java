package dev.upshift.upgrade.checks;

import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Standby;
import java.util.List;

/** Who goes back finds as many standbys as were kept. */
public record WarnFewStandbysBack(PgServer primary, List<PgServer> standbys, List<Standby> kept)
    implements Refusal {

  @Override
  public String id() {
    return "few-standbys-back";
  }

  @Override
  public String title() {
    return "a switch back finds standbys of the old version";
  }

  @Override
  public List<Finding> look() {
    if (!kept.isEmpty() || standbys.isEmpty()) {
      return List.of();
    }
    return List.of(
        Finding.warns(
            "after a switch back every name leads to "
                + primary.label()
                + ": its only standby will have been rebuilt",
            "with two standbys or more, one stays with the old primary until upshift finish"));
  }
}
