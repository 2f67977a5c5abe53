package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.Databases.Database;
import dev.upshift.postgres.Lsn;
import dev.upshift.postgres.Markers;
import dev.upshift.postgres.Replication;
import dev.upshift.postgres.SchemaRecord;
import dev.upshift.postgres.Subscriber;
import java.util.List;
import java.util.Optional;

/**
 * Waits until the new primary has what the old one had when this began, and is close behind it; and
 * looks whether both still have the same schema and the same roles.
 *
 * @param lagLimitBytes how close it must have come
 */
public record CatchUp(
    Subscriber follower, long lagLimitBytes, Result<CreatePublicationsAndSlots.Common> common)
    implements Reversible<Nothing, CatchUp.Reached> {

  /** The marker that must have arrived. */
  public record Reached(String marker, Lsn position) {}

  @Override
  public String title() {
    return "Catch up: let " + follower.server().label() + " apply what it is behind";
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Reached apply(Nothing before) {
    var old = follower.publisher().server();
    var position = Replication.current(old);
    var marker = "caught up with " + position;
    Markers.set(old, names(), marker);
    return new Reached(marker, position);
  }

  private List<String> names() {
    return common.get().databases().stream().map(Database::name).toList();
  }

  @Override
  public Verdict verify(Reached reached) {
    return follows()
        .or(() ->
            Markers.missing(follower.server(), names(), reached.marker())
                .map(database -> "in " + database + " it has not arrived at " + reached.position()))
        .or(this::lags)
        .or(this::changed)
        .map(Verdict::notYet)
        .orElse(Verdict.ok());
  }

  private Optional<String> follows() {
    return common.get().databases().stream()
        .flatMap(database -> follower.stuck(database).stream())
        .findFirst();
  }

  /** Logical replication carries no change of the schema, of roles or of their settings. */
  private Optional<String> changed() {
    var changes = SchemaRecord.changes(follower.publisher().server(), names());
    return changes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "changed since the stream began, and not carried: "
                + changes
                + "; take it back there, or begin anew: upshift undo");
  }

  /**
   * Looks once more, right before clients are held: since the gate, workers may have taken minutes
   * to stop, and a role may have been made meanwhile.
   *
   * @throws WorldError when it does not follow, or something has changed that is not carried
   */
  public void lookOnce() {
    follows()
        .or(this::changed)
        .ifPresent(what -> {
          throw new WorldError(follower.server().name(), what, "");
        });
  }

  private Optional<String> lags() {
    var written = Replication.current(follower.publisher().server());
    for (var database : common.get().databases()) {
      long lagBytes = follower.progress(database).map(written::minus).orElse(Long.MAX_VALUE);
      if (lagBytes > lagLimitBytes) {
        return Optional.of(database.name() + " is " + lagBytes + " bytes behind");
      }
    }
    return Optional.empty();
  }

  @Override
  public void undo(Nothing before) {}
}
