package dev.upshift.upgrade;

import dev.upshift.engine.Nothing;
import dev.upshift.engine.Plan;
import dev.upshift.postgres.DdlGuard;
import dev.upshift.time.Budget;
import dev.upshift.traffic.TrafficSwitch;
import dev.upshift.upgrade.steps.AdmitClients;
import dev.upshift.upgrade.steps.BuildNewStandbys;
import dev.upshift.upgrade.steps.CatchUp;
import dev.upshift.upgrade.steps.CompareRows;
import dev.upshift.upgrade.steps.CreateNewCluster;
import dev.upshift.upgrade.steps.CreateOwnRoleAndSchema;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots;
import dev.upshift.upgrade.steps.DropForwardReplication;
import dev.upshift.upgrade.steps.EndStaleSessions;
import dev.upshift.upgrade.steps.Fence;
import dev.upshift.upgrade.steps.FenceOldPrimary;
import dev.upshift.upgrade.steps.FollowWithOldPrimary;
import dev.upshift.upgrade.steps.GuardDdl;
import dev.upshift.upgrade.steps.HoldTraffic;
import dev.upshift.upgrade.steps.LastActs;
import dev.upshift.upgrade.steps.LeaveArchive;
import dev.upshift.upgrade.steps.NeutraliseCandidate;
import dev.upshift.upgrade.steps.PauseAgents;
import dev.upshift.upgrade.steps.PointTraffic;
import dev.upshift.upgrade.steps.PrepareWayBack;
import dev.upshift.upgrade.steps.PromoteCandidate;
import dev.upshift.upgrade.steps.PromoteCandidateAtLsn;
import dev.upshift.upgrade.steps.ProveCandidateComplete;
import dev.upshift.upgrade.steps.ProvisionCandidate;
import dev.upshift.upgrade.steps.RebuildStandbys;
import dev.upshift.upgrade.steps.RebuildStatistics;
import dev.upshift.upgrade.steps.ReleaseTraffic;
import dev.upshift.upgrade.steps.RestoreFleet;
import dev.upshift.upgrade.steps.RunPgUpgrade;
import dev.upshift.upgrade.steps.SetReplicaIdentity;
import dev.upshift.upgrade.steps.ShrinkFleet;
import dev.upshift.upgrade.steps.StartNewPrimary;
import dev.upshift.upgrade.steps.StartSchedulers;
import dev.upshift.upgrade.steps.StartWithMachine;
import dev.upshift.upgrade.steps.StartWorkers;
import dev.upshift.upgrade.steps.StopCandidate;
import dev.upshift.upgrade.steps.StopWorkers;
import dev.upshift.upgrade.steps.Subscribe;
import dev.upshift.upgrade.steps.TryConnections;
import dev.upshift.upgrade.steps.TryLogins;
import dev.upshift.upgrade.steps.UpdateExtensions;
import dev.upshift.upgrade.steps.VerifyData;
import dev.upshift.upgrade.steps.WarmCache;
import java.time.Duration;
import java.util.List;

/**
 * The story of an upgrade: start reading here. Each line is a step, each step a file in {@code
 * steps}. No loop and no branch stands here; the ids are written into journals and never change.
 */
public final class UpgradePlan {
  /** Clients feel nothing; may take days. */
  public static final String PREPARE = "prepare";

  /** The short part that clients can feel. */
  public static final String SWITCH = "switch";

  /** Clients feel nothing. */
  public static final String SETTLE = "settle";

  /** Days later, on the operator's word. */
  public static final String FINISH = "finish";

  private static final Duration LONG = Duration.ofDays(2);

  private UpgradePlan() {}

  /**
   * The checklist that everybody follows, done by a tool: writes are held while pg_upgrade runs.
   * Sources from 9.6.
   */
  public static Plan physical(Cluster cluster, Traffic traffic, Fleet fleet, Budget hold) {
    var plan = Plan.named("physical", hold);
    var old = cluster.oldPrimary();
    var candidate = cluster.candidate();
    var primary = cluster.newPrimary();
    var wayBack = cluster.wayBack();
    var forth = cluster.forth();

    plan.phase(PREPARE);
    plan.step(
        "create-own-role-and-schema",
        new CreateOwnRoleAndSchema(old, cluster.role(), cluster.replicationSources()),
        CreateOwnRoleAndSchema.Before.class,
        Nothing.class);
    plan.step(
        "create-new-cluster",
        new CreateNewCluster(cluster.newCluster(), cluster.pgUpgrade()),
        CreateNewCluster.Made.class);
    plan.step(
        "provision-candidate",
        new ProvisionCandidate(candidate, old, cluster.lagLimitBytes()),
        LONG);
    plan.step("leave-archive", new LeaveArchive(candidate, old, cluster.lagLimitBytes()), LONG);

    plan.phase(SWITCH);
    plan.gate(
        "gate",
        "Writes will now be held while pg_upgrade runs, for at most "
            + hold.limit().toSeconds()
            + " s. Go?");
    plan.step(
        "pause-agents",
        new PauseAgents(fleet.agents()),
        PauseAgents.Acting.class,
        PauseAgents.Paused.class);
    plan.step(
        "set-replica-identity",
        new SetReplicaIdentity(old, wayBack.none().isEmpty()),
        SetReplicaIdentity.Before.class,
        Nothing.class);
    var stopped =
        plan.step(
            "stop-workers",
            new StopWorkers(fleet.workers(), fleet.firstOffline(), "the workers"),
            StopWorkers.Running.class,
            StopWorkers.Running.class);
    var shrunk =
        plan.step(
            "shrink-fleet",
            new ShrinkFleet(fleet.balancer(), fleet.restOfOnline(), fleet.drainLimit()),
            ShrinkFleet.States.class,
            ShrinkFleet.States.class);
    plan.hold(
        "hold-traffic",
        new HoldTraffic(
            traffic.hold(),
            LastActs.checkpoint(old, candidate.server()),
            traffic.inService(),
            traffic.atServing()),
        TrafficSwitch.Snapshot.class,
        Nothing.class);
    var stoppedLast =
        plan.step(
            "stop-last-workers",
            new StopWorkers(fleet.workers(), fleet.lastOffline(), "the time-sensitive workers"),
            StopWorkers.Running.class,
            StopWorkers.Running.class);
    plan.step(
        "fence-old-primary",
        new FenceOldPrimary(old, cluster.oldClients(), hold),
        FenceOldPrimary.Before.class,
        Nothing.class);
    var proved =
        plan.step(
            "prove-candidate-complete",
            new ProveCandidateComplete(old, candidate),
            ProveCandidateComplete.LastRecord.class);
    plan.step("promote-candidate", new PromoteCandidate(candidate, hold));
    plan.step(
        "run-pg-upgrade",
        new RunPgUpgrade(cluster.pgUpgrade(), candidate.server(), hold),
        RunPgUpgrade.Took.class);
    plan.step("start-new-primary", new StartNewPrimary(cluster.newCluster(), hold));
    var opened =
        plan.step(
            "open-way-back",
            new PrepareWayBack(wayBack, forth.guard(), forth.slots()),
            PrepareWayBack.Before.class,
            CreatePublicationsAndSlots.Common.class);
    plan.border("admit-clients-to-new", new AdmitClients(primary, new Fence.Stopped(old, proved)));
    plan.step(
        "point-traffic-at-new",
        new PointTraffic(
            traffic.inService(), traffic.atServing(), "the minimal fleet at " + primary.label()),
        PointTraffic.Led.class);
    plan.step(
        "end-stale-sessions",
        new EndStaleSessions(cluster.oldStandbys(), fleet.drainLimit()),
        EndStaleSessions.Ended.class);
    plan.release("release-traffic", new ReleaseTraffic(primary, traffic.hold()));

    plan.phase(SETTLE);
    plan.step("start-schedulers", new StartSchedulers(primary));
    plan.step("start-with-machine", new StartWithMachine(List.of(primary), candidate.server()));
    var led =
        plan.step(
            "point-rest-of-fleet",
            new PointTraffic(
                traffic.rest(), traffic.atServing(), "the rest of the fleet at " + primary.label()),
            PointTraffic.Led.class);
    plan.step("start-workers", new StartWorkers(fleet.workers(), stoppedLast, stopped));
    plan.step(
        "restore-fleet",
        new RestoreFleet(fleet.balancer(), fleet.restOfOnline(), shrunk, led),
        RestoreFleet.Restored.class);
    plan.step(
        "follow-with-old-primary",
        new FollowWithOldPrimary(
            wayBack, cluster.oldClients(), cluster.role(), opened, List.of(candidate.slot())),
        FollowWithOldPrimary.Before.class,
        Nothing.class);
    plan.step(
        "rebuild-statistics",
        new RebuildStatistics(cluster.newCluster(), cluster.role(), cluster.jobs()),
        LONG);
    plan.step("update-extensions", new UpdateExtensions(primary), UpdateExtensions.Updated.class);
    plan.step("rebuild-standbys", new RebuildStandbys(cluster.builtAfter(), old), LONG);
    plan.step(
        "point-names-at-standbys",
        new PointTraffic(
            traffic.wholeFleet(),
            traffic.atServingStandbys(),
            "the standbys' names at the rebuilt standbys"),
        PointTraffic.Led.class);
    plan.step("verify-data", new VerifyData(primary, cluster.newStandbys()), VerifyData.Seen.class);

    // Back to the gate, clients first: the old primary serves, names lead to it, workers and fleet
    // are back; then what the try used up.
    plan.undoOrder(
        "fence-old-primary",
        "hold-traffic",
        "stop-last-workers",
        "shrink-fleet",
        "stop-workers",
        "open-way-back",
        "start-new-primary",
        "run-pg-upgrade",
        "promote-candidate",
        "prove-candidate-complete",
        "set-replica-identity",
        "pause-agents");
    return plan;
  }

  /**
   * The candidate is upgraded while the old primary goes on serving, follows it by logical
   * replication, and the switch holds writes for a blink. Sources from 11.
   */
  public static Plan logical(Cluster cluster, Traffic traffic, Fleet fleet, Budget hold) {
    var plan = Plan.named("logical", hold);
    var old = cluster.oldPrimary();
    var candidate = cluster.candidate();
    var primary = cluster.newPrimary();
    var follower = cluster.follower();
    var oldClients = cluster.oldClients();

    plan.phase(PREPARE);
    plan.step(
        "create-own-role-and-schema",
        new CreateOwnRoleAndSchema(old, cluster.role(), cluster.replicationSources()),
        CreateOwnRoleAndSchema.Before.class,
        Nothing.class);
    plan.step(
        "set-replica-identity",
        new SetReplicaIdentity(old, true),
        SetReplicaIdentity.Before.class,
        Nothing.class);
    plan.step(
        "create-new-cluster",
        new CreateNewCluster(cluster.newCluster(), cluster.pgUpgrade()),
        CreateNewCluster.Made.class);
    plan.step(
        "provision-candidate",
        new ProvisionCandidate(candidate, old, cluster.lagLimitBytes()),
        LONG);
    plan.step("stop-candidate-at-consistent-point", new StopCandidate(candidate));
    plan.step("guard-ddl", new GuardDdl(old, cluster.refusesDdl(), DdlGuard.Reason.UPGRADE));
    var common =
        plan.step(
            "create-publications-and-slots",
            new CreatePublicationsAndSlots(follower.publisher(), cluster.retainedMegabytes()),
            CreatePublicationsAndSlots.Before.class,
            CreatePublicationsAndSlots.Common.class);
    plan.step("promote-candidate-at-lsn", new PromoteCandidateAtLsn(candidate, old, common), LONG);
    plan.step("neutralise-candidate", new NeutraliseCandidate(candidate.server()));
    plan.step(
        "run-pg-upgrade",
        new RunPgUpgrade(cluster.pgUpgrade(), candidate.server(), hold),
        RunPgUpgrade.Took.class);
    plan.step("start-new-primary", new StartNewPrimary(cluster.newCluster(), hold));
    plan.step("subscribe", new Subscribe(follower, cluster.newCluster(), cluster.role(), common));
    plan.step("update-extensions", new UpdateExtensions(primary), UpdateExtensions.Updated.class);
    plan.step(
        "rebuild-statistics",
        new RebuildStatistics(cluster.newCluster(), cluster.role(), cluster.jobs()),
        LONG);
    plan.step(
        "build-new-standbys",
        new BuildNewStandbys(primary, cluster.builtBefore(), cluster.lagLimitBytes()),
        LONG);
    plan.step("warm-cache", new WarmCache(old, primary), WarmCache.Warmed.class, LONG);
    plan.step(
        "try-connections",
        new TryConnections(cluster.ledToNew(), fleet.clients(), fleet.restOfOnline(), fleet.away()),
        TryConnections.Tried.class);
    plan.step(
        "try-logins",
        new TryLogins(traffic.poolers(), primary, traffic.atServing()),
        TryLogins.Tried.class);
    var catchUp = new CatchUp(follower, cluster.lagLimitBytes(), common);
    plan.step("catch-up", catchUp, CatchUp.Reached.class, LONG);
    plan.step(
        "compare-data",
        new CompareRows(follower, cluster.jobs(), common),
        CompareRows.Compared.class);

    var done = QuietSwitch.lines(plan, cluster.forth(), traffic, fleet, common, catchUp, hold);

    plan.phase(SETTLE);
    plan.step("start-schedulers", new StartSchedulers(primary));
    plan.step("start-with-machine", new StartWithMachine(cluster.ledToNew(), candidate.server()));
    plan.step(
        "point-rest-of-fleet",
        new PointTraffic(
            traffic.rest(), traffic.atServing(), "the rest of the fleet at " + primary.label()),
        PointTraffic.Led.class);
    plan.step(
        "start-workers", new StartWorkers(fleet.workers(), done.stoppedLast(), done.stopped()));
    plan.step("drop-forward-replication", new DropForwardReplication(follower, common));
    plan.step(
        "follow-with-old-primary",
        new FollowWithOldPrimary(
            cluster.wayBack(),
            oldClients,
            cluster.role(),
            done.opened(),
            List.of(candidate.slot())),
        FollowWithOldPrimary.Before.class,
        Nothing.class);
    plan.step("rebuild-standbys", new RebuildStandbys(cluster.rebuilt(), old), LONG);
    plan.step(
        "point-names-at-standbys",
        new PointTraffic(
            traffic.wholeFleet(),
            traffic.atServingStandbys(),
            "the standbys' names at the rebuilt standbys"),
        PointTraffic.Led.class);
    plan.step("verify-data", new VerifyData(primary, cluster.newStandbys()), VerifyData.Seen.class);

    // What follows was made from what stood before.
    plan.usesUp(
        "promote-candidate-at-lsn", "provision-candidate", "stop-candidate-at-consistent-point");
    plan.usesUp(
        "run-pg-upgrade", "create-new-cluster", "promote-candidate-at-lsn", "neutralise-candidate");
    return plan;
  }
}
