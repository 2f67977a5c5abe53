package dev.upshift.upgrade;

import dev.upshift.engine.Nothing;
import dev.upshift.engine.Plan;
import dev.upshift.time.Budget;
import dev.upshift.upgrade.steps.AdmitStandbys;
import dev.upshift.upgrade.steps.CatchUp;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots.Common;
import dev.upshift.upgrade.steps.DropForwardReplication;
import dev.upshift.upgrade.steps.FindFollowed;
import dev.upshift.upgrade.steps.FollowWithOldPrimary;
import dev.upshift.upgrade.steps.PointTraffic;
import dev.upshift.upgrade.steps.StartSchedulers;
import dev.upshift.upgrade.steps.StartWorkers;
import dev.upshift.upgrade.steps.TryConnections;
import dev.upshift.upgrade.steps.TryLogins;
import dev.upshift.upgrade.steps.VerifyData;
import java.time.Duration;
import java.util.List;

/**
 * The way back, gone: the primary that was left follows the one that serves, and takes over from it
 * with every write. Then the sides have changed their parts, and the same plan leads forth again,
 * as often as wanted.
 */
public final class SwitchBackPlan {
  private static final Duration LONG = Duration.ofDays(2);

  private SwitchBackPlan() {}

  /** From the new version back to the old one. */
  public static Plan back(Cluster cluster, Traffic traffic, Fleet fleet, Budget hold) {
    return plan("switch-back", cluster, cluster.back(), traffic, fleet, hold);
  }

  /** From the old version to the new one once more. */
  public static Plan forthAgain(Cluster cluster, Traffic traffic, Fleet fleet, Budget hold) {
    return plan("switch-again", cluster, cluster.forthAgain(), traffic, fleet, hold);
  }

  private static Plan plan(
      String name,
      Cluster cluster,
      Direction direction,
      Traffic traffic,
      Fleet fleet,
      Budget hold) {
    var plan = Plan.named(name, hold);
    var serving = direction.serving();

    plan.phase(UpgradePlan.PREPARE);
    var common =
        plan.step("find-followed-databases", new FindFollowed(direction.follower()), Common.class);
    plan.step(
        "try-connections",
        new TryConnections(List.of(serving), fleet.clients(), fleet.restOfOnline(), fleet.away()),
        TryConnections.Tried.class);
    plan.step(
        "try-logins",
        new TryLogins(traffic.poolers(), serving, traffic.atServing()),
        TryLogins.Tried.class);
    var catchUp = new CatchUp(direction.follower(), cluster.lagLimitBytes(), common);
    plan.step("catch-up", catchUp, CatchUp.Reached.class, LONG);

    var done = QuietSwitch.lines(plan, direction, traffic, fleet, common, catchUp, hold);

    plan.phase(UpgradePlan.SETTLE);
    plan.step("start-schedulers", new StartSchedulers(serving));
    plan.step(
        "point-rest-of-fleet",
        new PointTraffic(
            traffic.rest(), traffic.atServing(), "the rest of the fleet at " + serving.label()),
        PointTraffic.Led.class);
    plan.step(
        "start-workers", new StartWorkers(fleet.workers(), done.stoppedLast(), done.stopped()));
    plan.step("drop-forward-replication", new DropForwardReplication(direction.follower(), common));
    plan.step(
        "follow-with-old-primary",
        new FollowWithOldPrimary(
            direction.wayBack(), direction.clients(), cluster.role(), done.opened(), List.of()),
        FollowWithOldPrimary.Before.class,
        Nothing.class);
    plan.step("admit-clients-to-standbys", new AdmitStandbys(serving, direction.servingStandbys()));
    plan.step(
        "point-names-at-standbys",
        new PointTraffic(
            traffic.wholeFleet(),
            traffic.atServingStandbys(),
            "the standbys' names at the standbys of " + serving.label()),
        PointTraffic.Led.class);
    plan.step(
        "verify-data", new VerifyData(serving, direction.servingStandbys()), VerifyData.Seen.class);
    return plan;
  }
}
