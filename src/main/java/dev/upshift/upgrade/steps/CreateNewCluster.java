package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.PgUpgrade;
import java.util.List;
import java.util.Map;

/**
 * Makes the empty new cluster beside the candidate: initdb as the old one was made, its settings
 * carried over, archiving off, fenced from birth, started once to prove all that.
 */
public record CreateNewCluster(NewCluster cluster, PgUpgrade upgrade)
    implements Reversible<Nothing, CreateNewCluster.Made> {

  /**
   * What was made.
   *
   * @param left the old server's settings that were not carried over, each with the reason
   */
  public record Made(Map<String, String> left) {}

  @Override
  public String title() {
    return "Create the new cluster on " + cluster.server().label();
  }

  @Override
  public Check<Nothing> check() {
    return FreePlace.check(List.of(cluster.server()));
  }

  @Override
  public Made apply(Nothing before) {
    var settings = cluster.create();
    return new Made(settings.left());
  }

  @Override
  public Verdict verify(Made made) {
    if (!cluster.server().exists()) {
      return Verdict.notYet("there is no cluster in " + cluster.server().data());
    }
    var control = cluster.server().control();
    if (!control.shutDownCleanly()) {
      return Verdict.notYet(
          "the cluster in "
              + cluster.server().data()
              + " is not as it was made ("
              + control.state()
              + ")");
    }
    return Verdict.of(!upgrade.wasBegun(), "a pg_upgrade was begun on it");
  }

  @Override
  public void undo(Nothing before) {
    cluster.remove();
    cluster.server().host().remove(cluster.server().workFolder());
  }
}
