package dev.upshift.upgrade;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Standby;
import dev.upshift.upgrade.checks.FindRememberingPoolers;
import dev.upshift.upgrade.checks.Finding;
import dev.upshift.upgrade.checks.Refusal;
import dev.upshift.upgrade.checks.RefuseAlwaysTriggers;
import dev.upshift.upgrade.checks.RefuseBackgroundWorkers;
import dev.upshift.upgrade.checks.RefuseClosedDatabases;
import dev.upshift.upgrade.checks.RefuseClosedWayBack;
import dev.upshift.upgrade.checks.RefuseCrowdedParking;
import dev.upshift.upgrade.checks.RefuseDeafFleet;
import dev.upshift.upgrade.checks.RefuseLargeObjects;
import dev.upshift.upgrade.checks.RefuseLonelyCommits;
import dev.upshift.upgrade.checks.RefuseMisleadingNames;
import dev.upshift.upgrade.checks.RefuseMissingLibraries;
import dev.upshift.upgrade.checks.RefuseMissingPrograms;
import dev.upshift.upgrade.checks.RefuseNoLogicalDecoding;
import dev.upshift.upgrade.checks.RefuseNoReplicationRoom;
import dev.upshift.upgrade.checks.RefuseNoRoomToFollow;
import dev.upshift.upgrade.checks.RefuseNoSpace;
import dev.upshift.upgrade.checks.RefuseOccupiedPlaces;
import dev.upshift.upgrade.checks.RefuseOpenRestore;
import dev.upshift.upgrade.checks.RefuseOtherFiles;
import dev.upshift.upgrade.checks.RefuseOtherPassword;
import dev.upshift.upgrade.checks.RefuseOtherReplication;
import dev.upshift.upgrade.checks.RefuseOtherService;
import dev.upshift.upgrade.checks.RefusePreparedTransactions;
import dev.upshift.upgrade.checks.RefuseRemovedRoleSettings;
import dev.upshift.upgrade.checks.RefuseScheduledDdl;
import dev.upshift.upgrade.checks.RefuseTablesWithoutIdentity;
import dev.upshift.upgrade.checks.RefuseUnfitPoolers;
import dev.upshift.upgrade.checks.RefuseUnknownOptions;
import dev.upshift.upgrade.checks.RefuseUnreachableServers;
import dev.upshift.upgrade.checks.RefuseWrongRoles;
import dev.upshift.upgrade.checks.WarnFewStandbysBack;
import dev.upshift.upgrade.checks.WarnMaterialisedViews;
import dev.upshift.upgrade.checks.WarnUnloggedTables;
import dev.upshift.upgrade.steps.RebuildStandbys.Rebuilt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Everything that is looked at before an upgrade begins. Nothing is changed. */
public final class Preflight {

  /** What one check had to say. */
  public record Answer(String id, String title, List<Finding> findings) {
    /** Whether the upgrade may begin as far as this check goes. */
    public boolean passes() {
      return findings.stream().noneMatch(finding -> finding.severity() == Finding.Severity.BLOCKS);
    }
  }

  private final List<Refusal> checks;

  private Preflight(List<Refusal> checks) {
    this.checks = List.copyOf(checks);
  }

  /**
   * The checks before the physical method.
   *
   * @param names where the managed names must lead now
   */
  public static Preflight physical(
      Cluster cluster,
      Traffic traffic,
      Map<String, String> names,
      Fleet fleet,
      List<String> online,
      List<String> offline) {
    var old = cluster.oldPrimary();
    var candidate = cluster.candidate().server();
    var oldServers = new ArrayList<PgServer>(cluster.oldStandbys());
    oldServers.addFirst(old);
    var newServers =
        new ArrayList<PgServer>(
            Stream.concat(
                    cluster.newStandbys().stream(),
                    cluster.rebuiltAtLast().stream().map(Rebuilt::standby))
                .map(Standby::server)
                .toList());
    newServers.addFirst(cluster.newPrimary());
    var made = new ArrayList<PgServer>(newServers);
    made.add(candidate);
    var programs = new ArrayList<PgServer>(newServers);
    programs.add(candidate);
    programs.addAll(oldServers);
    var checks =
        new ArrayList<Refusal>(
            List.of(
                new RefuseMissingPrograms(programs),
                new RefuseMissingLibraries(old, made),
                new RefuseUnreachableServers(oldServers),
                new RefuseWrongRoles(old, cluster.oldStandbys()),
                new RefuseOtherFiles(oldServers),
                new RefuseOtherPassword(old, made, cluster.newCluster().passwords()),
                new RefuseOtherService(oldServers, made, fleet.agents()),
                new RefuseNoReplicationRoom(old),
                new RefuseNoSpace(
                    old,
                    candidate,
                    cluster.newPrimary(),
                    cluster.builtBefore().stream().map(Standby::server).toList()),
                new RefuseOccupiedPlaces(made, candidate),
                new RefuseOpenRestore(cluster.candidate()),
                new RefuseCrowdedParking(old, cluster.oldStandbys()),
                new RefuseClosedDatabases(old),
                new RefusePreparedTransactions(old),
                new RefuseRemovedRoleSettings(old, cluster.newPrimary()),
                new RefuseUnknownOptions(old, cluster.newPrimary()),
                new WarnUnloggedTables(old),
                new RefuseMisleadingNames(traffic.wholeFleet(), names),
                new RefuseDeafFleet(
                    fleet.balancer(), online, fleet.workers(), offline, fleet.agents(), false),
                new RefuseUnfitPoolers(
                    traffic.poolers(), traffic.mayPoolSessions(), Optional.empty())));
    if (cluster.noWayBack().isEmpty()) {
      checks.addAll(wayBack(cluster, traffic));
    }
    return new Preflight(checks);
  }

  /** What the way back asks for besides, and what it does not carry. */
  private static List<Refusal> wayBack(Cluster cluster, Traffic traffic) {
    var old = cluster.oldPrimary();
    return List.of(
        new RefuseNoRoomToFollow(old),
        new RefuseTablesWithoutIdentity(old),
        new RefuseLargeObjects(old),
        new WarnMaterialisedViews(old),
        new RefuseAlwaysTriggers(old),
        new RefuseScheduledDdl(old, cluster.mayHaveJobs()),
        new WarnFewStandbysBack(old, cluster.oldStandbys(), cluster.kept()),
        new FindRememberingPoolers(
            traffic.poolers(), cluster.newPrimary().version(), old.version(), false));
  }

  /** Nothing needs to be so. */
  public static Preflight none() {
    return new Preflight(List.of());
  }

  /**
   * The checks before a switch between two sides of which one follows.
   *
   * @param back whether it leads to the old version; otherwise to the new one once more
   */
  public static Preflight quiet(
      Cluster cluster,
      boolean back,
      Traffic traffic,
      Map<String, String> names,
      Fleet fleet,
      List<String> online,
      List<String> offline,
      Duration hold) {
    var direction = back ? cluster.back() : cluster.forthAgain();
    return new Preflight(
        List.of(
            new RefuseClosedWayBack(direction.follower()),
            new FindRememberingPoolers(
                traffic.poolers(), direction.left().version(), direction.serving().version(), true),
            new RefuseLonelyCommits(direction.serving()),
            new RefusePreparedTransactions(direction.left()),
            new RefuseBackgroundWorkers(direction.left()),
            new RefuseMisleadingNames(traffic.wholeFleet(), names),
            new RefuseDeafFleet(
                fleet.balancer(), online, fleet.workers(), offline, fleet.agents(), true),
            new RefuseUnfitPoolers(
                traffic.poolers(), traffic.mayPoolSessions(), Optional.of(hold))));
  }

  /**
   * The checks before the logical method.
   *
   * @param names where the managed names must lead now
   * @param hold the longest time that clients are made to wait
   */
  public static Preflight logical(
      Cluster cluster,
      Traffic traffic,
      Map<String, String> names,
      Fleet fleet,
      List<String> online,
      List<String> offline,
      Duration hold) {
    var old = cluster.oldPrimary();
    var checks =
        new ArrayList<Refusal>(physical(cluster, traffic, names, fleet, online, offline).checks);
    checks.removeIf(RefuseUnfitPoolers.class::isInstance);
    checks.add(
        new RefuseUnfitPoolers(traffic.poolers(), traffic.mayPoolSessions(), Optional.of(hold)));
    checks.add(new RefuseNoLogicalDecoding(old));
    checks.add(new RefuseBackgroundWorkers(old));
    checks.add(new RefuseOtherReplication(old));
    if (cluster.noWayBack().isPresent()) {
      checks.add(new RefuseTablesWithoutIdentity(old));
      checks.add(new RefuseLargeObjects(old));
      checks.add(new WarnMaterialisedViews(old));
      checks.add(new RefuseAlwaysTriggers(old));
      checks.add(new RefuseScheduledDdl(old, cluster.mayHaveJobs()));
    }
    return new Preflight(checks);
  }

  /** Something that keeps everything else from being looked at. */
  public static Answer refusal(String id, String title, String what, String remedy) {
    return new Answer(id, title, List.of(Finding.blocks(what, remedy)));
  }

  /**
   * Looks at everything, also when something is amiss: who mends one thing wants to know of the
   * next.
   */
  public List<Answer> look() {
    return checks.stream()
        .map(check -> new Answer(check.id(), check.title(), findings(check)))
        .toList();
  }

  private static List<Finding> findings(Refusal check) {
    try {
      return check.look();
    } catch (InputError e) {
      return List.of(Finding.blocks(String.valueOf(e.getMessage()), e.hint()));
    } catch (WorldError e) {
      return List.of(Finding.blocks(String.valueOf(e.getMessage()), e.hint()));
    }
  }
}
