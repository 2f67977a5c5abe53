package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.host.AtOnce;
import dev.upshift.postgres.Databases.Database;
import dev.upshift.postgres.Lsn;
import dev.upshift.postgres.Subscriber;
import dev.upshift.time.Budget;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Turns the replication round while nobody writes: the side that will serve applies nothing any
 * more, and the position behind all that it has applied is where the way back begins: what lies
 * before it came from the other side and must not go there again. The slots are there; they are
 * brought to the position when clients no longer wait. The forward subscriptions are disabled, not
 * dropped: an undo lets them go on.
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
    AtOnce.each(common.get().databases(), this::end);
    // Everything that was applied lies before it, and is on disk: the drain has proved that.
    var position = forward.restsAt(hold.within(LIMIT));
    return new CreatePublicationsAndSlots.Common(position, prepared.get().databases());
  }

  private boolean end(Database database) {
    forward.disable(database);
    return true;
  }

  /** Looks as {@link #verify} does, and forgets what it saw: the second time is faster. */
  public void lookOnce() {
    var _ = verify(new CreatePublicationsAndSlots.Common(new Lsn(0), List.of()));
  }

  @Override
  public Verdict verify(CreatePublicationsAndSlots.Common opened) {
    return AtOnce.each(common.get().databases(), this::applied).stream()
        .flatMap(Optional::stream)
        .findFirst()
        .map(name -> "it is still applied in " + name)
        .map(Verdict::notYet)
        .orElse(Verdict.ok());
  }

  /** The database, if something is still applied there. */
  private Optional<String> applied(Database database) {
    return forward.isDisabled(database) ? Optional.empty() : Optional.of(database.name());
  }

  /** Following goes on. */
  @Override
  public void undo(Nothing before) {
    common.get().databases().forEach(forward::enable);
  }
}
