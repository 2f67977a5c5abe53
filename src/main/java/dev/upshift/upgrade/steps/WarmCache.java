package dev.upshift.upgrade.steps;

import dev.upshift.engine.Check;
import dev.upshift.engine.Nothing;
import dev.upshift.engine.Reversible;
import dev.upshift.engine.Verdict;
import dev.upshift.postgres.BufferCache;
import dev.upshift.postgres.Databases;
import dev.upshift.postgres.PgServer;

/**
 * Reads into the new primary's buffers what lies in the old one's, so that its first clients do not
 * wait for the disk.
 */
public record WarmCache(PgServer old, PgServer primary)
    implements Reversible<Nothing, WarmCache.Warmed> {

  /** How many blocks; none where the extensions that do it are not installed. */
  public record Warmed(long blocks) {}

  @Override
  public String title() {
    return "Warm the cache of " + primary.label() + " with what is in that of " + old.label();
  }

  @Override
  public Check<Nothing> check() {
    return Check.ready(new Nothing());
  }

  @Override
  public Warmed apply(Nothing before) {
    if (!BufferCache.canBeCarried(old, primary)) {
      return new Warmed(0);
    }
    long blocks =
        Databases.namesOf(old).stream()
            .mapToLong(
                database -> BufferCache.load(primary, database, BufferCache.runs(old, database)))
            .sum();
    return new Warmed(blocks);
  }

  /** A cache has no state that could be missed: what is cold is slower, and nothing else. */
  @Override
  public Verdict verify(Warmed warmed) {
    return Verdict.ok();
  }

  @Override
  public void undo(Nothing before) {}
}
