package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.OwnRole;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.Subscriber;
import java.util.ArrayList;

/**
 * Subscribes each database of the new primary to the old one, from the position at which the copy
 * was cut off: the slots of several databases begin at several positions, the copy ends at one
 * (DESIGN.md §6, fact 4).
 */
public record Subscribe(
    Subscriber follower,
    NewCluster cluster,
    OwnRole role,
    Result<CreatePublicationsAndSlots.Common> common)
    implements Reversible<Nothing, Nothing> {

  @Override
  public String title() {
    return "Subscribe "
        + follower.server().label()
        + " to "
        + follower.publisher().server().label()
        + ", each database from where the copy was cut off";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Nothing apply(Nothing before) {
    role.writePassfile(follower.server());
    common
        .get()
        .databases()
        .forEach(database -> follower.subscribe(database, common.get().position()));
    return new Nothing();
  }

  @Override
  public Verdict verify(Nothing result) {
    var wrong = new ArrayList<String>();
    for (var database : common.get().databases()) {
      follower.missing(database).ifPresent(wrong::add);
      var disagreement = follower.disagreement(database.name(), Publisher.slotName(database));
      if (!disagreement.isEmpty()) {
        wrong.add("not followed in " + database.name() + ": " + disagreement);
      }
    }
    return Verdict.of(wrong.isEmpty(), String.join("; ", wrong));
  }

  @Override
  public void undo(Nothing before) {
    if (follower.server().isRunning()) {
      follower.unsubscribe();
    }
  }
}
