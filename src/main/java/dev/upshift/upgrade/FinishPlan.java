package dev.upshift.upgrade;

import dev.upshift.engine.Plan;
import dev.upshift.fleet.Agents;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Standby;
import dev.upshift.time.Budget;
import dev.upshift.upgrade.steps.CloseWayBack;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots;
import dev.upshift.upgrade.steps.Given;
import dev.upshift.upgrade.steps.HandOverStandbys;
import dev.upshift.upgrade.steps.HandOverStandbys.Heir;
import dev.upshift.upgrade.steps.PointTraffic;
import dev.upshift.upgrade.steps.RebuildStandbys;
import dev.upshift.upgrade.steps.RebuildStandbys.Rebuilt;
import dev.upshift.upgrade.steps.RemoveLeftovers;
import dev.upshift.upgrade.steps.ResumeAgents;
import dev.upshift.upgrade.steps.RetireOldCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Days later, on the operator's word: the way back is closed, and nothing of ours stays. */
public final class FinishPlan {
  private static final Duration LONG = Duration.ofDays(2);

  private FinishPlan() {}

  /**
   * Where the new version serves: the old cluster is retired, and its last standby rebuilt.
   *
   * @param given what earlier runs have given the cluster
   * @param names where every name leads in the end
   */
  public static Plan onNew(
      Cluster cluster,
      Traffic traffic,
      Map<String, String> names,
      Given given,
      Agents agents,
      Budget hold) {
    var retired = new ArrayList<>(List.of(cluster.oldPrimary()));
    retired.addAll(cluster.oldStandbys());
    retired.add(cluster.candidate().server());
    var standbys = new ArrayList<>(cluster.builtAfter());
    standbys.addAll(cluster.rebuiltAtLast());
    return plan(
        "finish-new",
        cluster,
        cluster.forthAgain(),
        retired,
        standbys,
        heirs(cluster),
        traffic,
        names,
        given.withoutSettings(),
        agents,
        hold);
  }

  /** Where the old version serves again: the new cluster is retired. */
  public static Plan onOld(
      Cluster cluster,
      Traffic traffic,
      Map<String, String> names,
      Given given,
      Agents agents,
      Budget hold) {
    var retired = new ArrayList<>(List.of(cluster.newPrimary()));
    cluster.newStandbys().forEach(standby -> retired.add(standby.server()));
    cluster.rebuilt().forEach(standby -> standby.old().ifPresent(retired::add));
    retired.add(cluster.candidate().server());
    return plan(
        "finish-old",
        cluster,
        cluster.back(),
        retired,
        List.of(),
        List.of(),
        traffic,
        names,
        given,
        agents,
        hold);
  }

  /** Each streams like the old standby whose place it has taken. */
  private static List<Heir> heirs(Cluster cluster) {
    return Stream.concat(
            cluster.built().stream().map(built -> new Heir(built.standby(), built.insteadOf())),
            Stream.concat(cluster.rebuilt().stream(), cluster.rebuiltAtLast().stream())
                .map(rebuilt -> new Heir(rebuilt.standby(), rebuilt.old())))
        .toList();
  }

  private static List<PgServer> servingStandbys(List<Rebuilt> rebuilt, Direction gone) {
    return Stream.concat(rebuilt.stream().map(Rebuilt::standby), gone.servingStandbys().stream())
        .map(Standby::server)
        .distinct()
        .toList();
  }

  private static Set<String> names(PgServer primary, List<PgServer> standbys) {
    return Stream.concat(Stream.of(primary), standbys.stream())
        .map(PgServer::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Plan plan(
      String name,
      Cluster cluster,
      Direction gone,
      List<PgServer> retired,
      List<Rebuilt> standbys,
      List<Heir> heirs,
      Traffic traffic,
      Map<String, String> names,
      Given given,
      Agents agents,
      Budget hold) {
    var plan = Plan.named(name, hold);
    var serving = gone.serving();
    var servingStandbys = servingStandbys(standbys, gone);

    plan.phase(UpgradePlan.FINISH);
    plan.gate(
        "gate",
        "After this nothing leads back to "
            + gone.left().label()
            + ". Is there a backup of "
            + serving.label()
            + " from which it could be restored? Go?");
    plan.border(
        "close-way-back",
        new CloseWayBack(
            gone.wayBack(),
            cluster.retainedMegabytes(),
            given.oldBound().orElse(new CreatePublicationsAndSlots.Before(Optional.empty()))));
    plan.step("retire-old-cluster", new RetireOldCluster(retired));
    plan.step("rebuild-standbys", new RebuildStandbys(standbys, gone.left()), LONG);
    plan.step(
        "point-names-at-standbys",
        new PointTraffic(
            traffic.wholeFleet(),
            names,
            "the standbys' names at the standbys of " + serving.label()),
        PointTraffic.Led.class);
    plan.step(
        "hand-over-standbys",
        new HandOverStandbys(serving, heirs),
        HandOverStandbys.HandedOver.class);
    plan.step(
        "remove-leftovers",
        new RemoveLeftovers(serving, servingStandbys, retired, cluster.role(), given),
        RemoveLeftovers.Left.class);
    plan.step(
        "resume-agents",
        new ResumeAgents(agents, given.agents(), names(serving, servingStandbys)),
        ResumeAgents.Resumed.class);
    return plan;
  }
}
