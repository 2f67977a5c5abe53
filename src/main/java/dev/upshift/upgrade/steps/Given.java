package dev.upshift.upgrade.steps;

import dev.upshift.postgres.ReplicaIdentity.Lacking;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What earlier runs have given a cluster so that one side can follow the other, and what goes when
 * it is finished.
 *
 * @param identities the tables that were given a replica identity, with what they had, by database
 * @param oldPrimary what the old primary was before it followed
 */
public record Given(Map<String, List<Lacking>> identities, FollowWithOldPrimary.Before oldPrimary) {
  /** Nothing: no run has come so far. */
  public static final Given NOTHING =
      new Given(Map.of(), new FollowWithOldPrimary.Before(Optional.empty(), false));

  /** With these tables' identities; what a table had at first counts. */
  public Given with(Map<String, List<Lacking>> tables) {
    var all = new TreeMap<String, List<Lacking>>(identities);
    tables.forEach((database, more) -> {
      var known = all.getOrDefault(database, List.of());
      var names = known.stream().map(Lacking::table).toList();
      all.put(
          database,
          Stream.concat(known.stream(), more.stream().filter(t -> !names.contains(t.table())))
              .toList());
    });
    return new Given(all, oldPrimary);
  }

  /** With what the old primary was before; what it was at first counts. */
  public Given with(FollowWithOldPrimary.Before before) {
    return oldPrimary.changed() ? this : new Given(identities, before);
  }

  /** The same for a side that was never raised to follow. */
  public Given withoutSettings() {
    return new Given(identities, NOTHING.oldPrimary);
  }
}
