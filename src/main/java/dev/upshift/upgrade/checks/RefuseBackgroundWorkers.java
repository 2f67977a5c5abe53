package dev.upshift.upgrade.checks;

import dev.upshift.postgres.OtherWriters;
import dev.upshift.postgres.PgServer;
import java.util.List;

/**
 * Schedulers and other extensions that work inside the server go on when its clients are turned
 * away: what they wrote after the fence would be on the old side only, and their jobs would run on
 * both.
 */
public record RefuseBackgroundWorkers(PgServer primary) implements Refusal {

  @Override
  public String id() {
    return "background-workers";
  }

  @Override
  public String title() {
    return "nothing but clients writes on the old primary";
  }

  @Override
  public List<Finding> look() {
    return OtherWriters.workersOn(primary).stream()
        .map(worker ->
            Finding.blocks(
                "a background worker works on " + primary.label() + ": " + worker,
                "no fence holds it while the old primary runs: take its library out of shared_preload_libraries for the time of the upgrade, or upgrade by the physical method: --method physical"))
        .toList();
  }
}
