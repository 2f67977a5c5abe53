package dev.upshift.testing;

import dev.upshift.engine.Nothing;
import dev.upshift.engine.Result;
import dev.upshift.postgres.NewCluster;
import dev.upshift.time.Budget;
import dev.upshift.time.Clock;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots.Common;
import dev.upshift.upgrade.steps.DrainReplication;
import dev.upshift.upgrade.steps.NeutraliseCandidate;
import dev.upshift.upgrade.steps.PromoteCandidateAtLsn;
import dev.upshift.upgrade.steps.ProvisionCandidate;
import dev.upshift.upgrade.steps.StopCandidate;
import dev.upshift.upgrade.steps.Subscribe;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The logical method's steps on a {@link ServerPair}, as the plan has them in order, but for
 * pg_upgrade: the copy follows with the version it has.
 */
public final class Following {
  /** What steps without a Before are given. */
  public static final Nothing NOTHING = new Nothing();

  private static final long RETAINED_MEGABYTES = 1000;
  private static final long LAG_LIMIT_BYTES = 1 << 20;

  private final ServerPair pair;

  /** The steps on these servers. */
  public Following(ServerPair pair) {
    this.pair = pair;
  }

  /** A hold that nothing outlasts. */
  public static Budget hold() {
    return new Budget(Duration.ofMinutes(5), Clock.system());
  }

  /** The candidate is there, and is stopped where it is consistent. */
  public void copy() {
    new ProvisionCandidate(pair.candidate(), pair.primary(), LAG_LIMIT_BYTES).apply(NOTHING);
    new StopCandidate(pair.candidate()).apply(NOTHING);
  }

  /** Publications and slots are there. */
  public Common slots() {
    return new CreatePublicationsAndSlots(pair.publisher(), RETAINED_MEGABYTES)
        .apply(new CreatePublicationsAndSlots.Before(Optional.empty()));
  }

  /** The step that cuts the copy off; it is applied by {@link #cutOff}. */
  public PromoteCandidateAtLsn promotion(Common common) {
    return new PromoteCandidateAtLsn(pair.candidate(), pair.primary(), Result.of(common));
  }

  /** The copy is cut off, neutral, and runs with these settings. */
  public void cutOff(Common common, Map<String, String> settings) {
    promotion(common).apply(NOTHING);
    new NeutraliseCandidate(pair.candidate().server()).apply(NOTHING);
    pair.open(settings);
  }

  /** The copy follows. */
  public void subscribe(Common common) {
    var copy = pair.candidate().server();
    var cluster =
        new NewCluster(copy, pair.primary(), pair.passfile(), pair.role(), ServerPair.LOOPBACK);
    new Subscribe(pair.follower(), cluster, pair.role(), Result.of(common)).apply(NOTHING);
  }

  /** The step that waits until the copy has everything. */
  public DrainReplication drain(Common common) {
    return new DrainReplication(pair.follower(), Result.of(common), hold());
  }
}
