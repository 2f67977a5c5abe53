package dev.upshift.upgrade;

import dev.upshift.engine.Nothing;
import dev.upshift.engine.Plan;
import dev.upshift.engine.Result;
import dev.upshift.time.Budget;
import dev.upshift.traffic.TrafficSwitch;
import dev.upshift.upgrade.steps.AdmitClients;
import dev.upshift.upgrade.steps.CatchUp;
import dev.upshift.upgrade.steps.CloseOldPrimary;
import dev.upshift.upgrade.steps.CopySequences;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots.Common;
import dev.upshift.upgrade.steps.DrainReplication;
import dev.upshift.upgrade.steps.EndStaleSessions;
import dev.upshift.upgrade.steps.Fence;
import dev.upshift.upgrade.steps.HoldTraffic;
import dev.upshift.upgrade.steps.LastActs;
import dev.upshift.upgrade.steps.OpenWayBack;
import dev.upshift.upgrade.steps.PauseAgents;
import dev.upshift.upgrade.steps.PointTraffic;
import dev.upshift.upgrade.steps.PrepareWayBack;
import dev.upshift.upgrade.steps.ReleaseTraffic;
import dev.upshift.upgrade.steps.StopWorkers;
import java.util.List;

/**
 * The switch from a primary to the one that follows it by logical replication: clients wait for a
 * blink. The upgrade's switch and the switch back are these same lines, with the sides exchanged;
 * <em>old</em> in a step's id is the side that is left.
 */
final class QuietSwitch {

  /**
   * What the steps after it need to know.
   *
   * @param stopped the workers that were stopped first
   * @param stoppedLast those that were stopped last
   * @param opened from where the side that was left follows
   */
  record Switched(
      Result<StopWorkers.Running> stopped,
      Result<StopWorkers.Running> stoppedLast,
      Result<Common> opened) {}

  private QuietSwitch() {}

  /**
   * Adds its lines to a plan, from the gate to the release, and the order of their undo.
   *
   * @param common the databases that are followed
   * @param catchUp what was caught up with
   */
  static Switched lines(
      Plan plan,
      Direction direction,
      Traffic traffic,
      Fleet fleet,
      Result<Common> common,
      CatchUp catchUp,
      Budget hold) {
    var left = direction.left();
    var serving = direction.serving();
    var follower = direction.follower();
    var way = direction.wayBack();

    plan.phase(UpgradePlan.SWITCH);
    plan.gate(
        "gate",
        "Writes will now be held until "
            + serving.label()
            + " has everything, for at most "
            + hold.limit().toSeconds()
            + " s. Go?");
    plan.step(
        "pause-agents",
        new PauseAgents(fleet.agents()),
        PauseAgents.Acting.class,
        PauseAgents.Paused.class);
    var prepared =
        plan.step(
            "prepare-way-back",
            new PrepareWayBack(way, direction.guard(), direction.slots()),
            PrepareWayBack.Before.class,
            Common.class);
    var stopped =
        plan.step(
            "stop-workers",
            new StopWorkers(fleet.workers(), fleet.firstOffline(), "the workers"),
            StopWorkers.Running.class,
            StopWorkers.Running.class);
    var stoppedLast =
        plan.step(
            "stop-last-workers",
            new StopWorkers(fleet.workers(), fleet.lastOffline(), "the time-sensitive workers"),
            StopWorkers.Running.class,
            StopWorkers.Running.class);
    var fence = new CloseOldPrimary(left, direction.clients(), hold);
    var drain = new DrainReplication(follower, common, hold);
    var sequences = new CopySequences(left, serving);
    var turn = new OpenWayBack(follower, way, common, prepared, hold);
    var admit = new AdmitClients(serving, new Fence.Closed(left, direction.clients()));
    var point =
        new PointTraffic(
            traffic.inService(), traffic.atServing(), "the online fleet at " + serving.label());
    var endStale = new EndStaleSessions(direction.leftStandbys(), fleet.drainLimit());
    var release = new ReleaseTraffic(serving, traffic.hold());
    var lookAround =
        LastActs.lookAround(
            left,
            serving,
            direction.leftStandbys(),
            direction.clients(),
            catchUp::lookOnce,
            List.of(
                fence::lookOnce,
                drain::practise,
                sequences::practise,
                turn::lookOnce,
                admit::lookOnce,
                release::lookOnce));
    plan.hold(
        "hold-traffic",
        new HoldTraffic(traffic.hold(), lookAround, traffic.inService(), traffic.atServing()),
        TrafficSwitch.Snapshot.class,
        Nothing.class);
    plan.step("fence-old-primary", fence, CloseOldPrimary.Before.class, Nothing.class);
    plan.step("drain-replication", drain, DrainReplication.Drained.class);
    plan.step("copy-sequences", sequences, CopySequences.Copied.class);
    var opened = plan.step("open-way-back", turn, Common.class);
    // Not beside the drain: its marker moves a sequence.
    plan.atOnce("copy-sequences", "open-way-back");
    plan.border("admit-clients-to-new", admit);
    plan.step("point-traffic-at-new", point, PointTraffic.Led.class);
    plan.step("end-stale-sessions", endStale, EndStaleSessions.Ended.class);
    plan.release("release-traffic", release);

    // Back to the gate, clients first; following goes on, and the switch can be tried again.
    plan.undoOrder(
        "fence-old-primary",
        "hold-traffic",
        "stop-last-workers",
        "stop-workers",
        "open-way-back",
        "copy-sequences",
        "drain-replication",
        "prepare-way-back",
        "pause-agents");
    return new Switched(stopped, stoppedLast, opened);
  }
}
