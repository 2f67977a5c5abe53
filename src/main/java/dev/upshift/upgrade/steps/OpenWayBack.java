package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.Databases.Database;
import dev.upshift.postgres.Lsn;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.Subscriber;
import dev.upshift.time.Budget;
import java.time.Duration;
import java.util.Optional;

/**
 * Turns the replication round while nobody writes: the side that will serve applies nothing any
 * more, and the slots of the way back begin behind all that it has applied, which came from the
 * other side and must not go there again. The forward subscriptions are disabled, not dropped: an
 * undo lets them go on.
 *
 * @param forward the side that will serve, as the follower of the one that is left
 * @param prepared the slots of the way back
 */
public record OpenWayBack(
    Subscriber forward,
    WayBack way,
    Result<CreatePublicationsAndSlots.Common> common,
    Result<CreatePublicationsAndSlots.Common> prepared,
    Budget hold)
    implements Reversible<Nothing, CreatePublicationsAndSlots.Common> {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Override
  public String title() {
    return "Open the way back: " + way.title();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public CreatePublicationsAndSlots.Common apply(Nothing before) {
    common.get().databases().parallelStream()
        .forEach(database -> forward.disable(database, hold.within(LIMIT)));
    // Everything that was applied lies before it, and is on disk: the drain has proved that.
    var position = Replication.flushed(forward.server());
    var back = way.follower().publisher();
    prepared.get().databases().parallelStream()
        .forEach(database -> back.advanceSlot(database, position));
    return new CreatePublicationsAndSlots.Common(position, prepared.get().databases());
  }

  @Override
  public Verdict verify(CreatePublicationsAndSlots.Common opened) {
    return common.get().databases().parallelStream()
        .filter(database -> !forward.isDisabled(database))
        .findFirst()
        .map(database -> "it is still applied in " + database.name())
        .or(() ->
            opened.databases().parallelStream()
                .flatMap(database -> behind(database, opened.position()).stream())
                .findFirst())
        .map(Verdict::notYet)
        .orElse(Verdict.ok());
  }

  private Optional<String> behind(Database database, Lsn position) {
    var slot = way.follower().publisher().slot(database);
    return slot.filter(there -> there.lost().isEmpty() && !position.isAfter(there.from()))
            .isPresent()
        ? Optional.empty()
        : Optional.of(
            "the slot "
                + Publisher.slotName(database)
                + " of the way back does not begin at "
                + position
                + ": "
                + slot);
  }

  /** Following goes on. */
  @Override
  public void undo(Nothing before) {
    common.get().databases().forEach(forward::enable);
  }
}
