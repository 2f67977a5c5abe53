package dev.upshift.upgrade.steps;

import dev.upshift.postgres.ReplicaIdentity.Lacking;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What earlier runs have given a cluster so that one side can follow the other, and what goes when
 * it is finished.
 *
 * @param identities the tables that were given a replica identity, with what they had, by database
 * @param oldPrimary what the old primary was before it followed
 * @param oldBound what bound the WAL that slots retain on it, before ours did
 * @param agents the servers whose agents acted, and were paused
 */
public record Given(
    Map<String, List<Lacking>> identities,
    FollowWithOldPrimary.Before oldPrimary,
    Optional<CreatePublicationsAndSlots.Before> oldBound,
    Set<String> agents) {
  /** Nothing: no run has come so far. */
  public static final Given NOTHING =
      new Given(
          Map.of(),
          new FollowWithOldPrimary.Before(Optional.empty(), false),
          Optional.empty(),
          Set.of());

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
    return new Given(all, oldPrimary, oldBound, agents);
  }

  /** With what the old primary was before; what it was at first counts. */
  public Given with(FollowWithOldPrimary.Before before) {
    return oldPrimary.changed() ? this : new Given(identities, before, oldBound, agents);
  }

  /** With what bound retained WAL on the old primary; what did at first counts. */
  public Given with(CreatePublicationsAndSlots.Before bound) {
    return oldBound.isPresent()
        ? this
        : new Given(identities, oldPrimary, Optional.of(bound), agents);
  }

  /** With these agents, too. */
  public Given with(PauseAgents.Acting acting) {
    var all = new TreeSet<String>(agents);
    all.addAll(acting.servers());
    return new Given(identities, oldPrimary, oldBound, all);
  }

  /** The same for a side that was never raised to follow. */
  public Given withoutSettings() {
    return new Given(identities, NOTHING.oldPrimary, Optional.empty(), agents);
  }
}
