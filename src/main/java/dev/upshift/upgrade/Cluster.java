package dev.upshift.upgrade;

import dev.upshift.postgres.Clients;
import dev.upshift.postgres.DdlGuard;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.OwnRole;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.PgUpgrade;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.Standby;
import dev.upshift.postgres.Subscriber;
import dev.upshift.upgrade.steps.BuildNewStandbys.Built;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots;
import dev.upshift.upgrade.steps.GuardDdl;
import dev.upshift.upgrade.steps.RebuildStandbys.Rebuilt;
import dev.upshift.upgrade.steps.WayBack;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The database servers of both versions.
 *
 * @param oldPrimary the running primary
 * @param oldStandbys its standbys, without the candidate
 * @param candidate the extra standby that will be upgraded
 * @param newCluster the new cluster on the candidate's host
 * @param pgUpgrade the program that turns the one into the other
 * @param built the places given for standbys of the new version, and who they take over from
 * @param rebuilt the old standbys' hosts, each with the standby of the new version that it will
 *     have
 * @param rebuiltAtLast the hosts of those that are kept, when the way back is closed
 * @param kept the old standbys that stay with the old primary while there is a way back
 * @param noWayBack why there is no way back; empty where there is one
 * @param role the role that standbys of ours replicate as
 * @param replicationSources the addresses (CIDR) that they connect from
 * @param lagLimitBytes how far the candidate may be behind when the switch begins
 * @param jobs how many processors the database hosts have to spare
 * @param refusesDdl whether changes of the schema are refused while another server follows
 * @param mayHaveJobs whether the operator lives with what becomes of jobs that change it
 * @param retainedMegabytes how much WAL logical slots may retain on the old primary
 */
public record Cluster(
    PgServer oldPrimary,
    List<PgServer> oldStandbys,
    Standby candidate,
    NewCluster newCluster,
    PgUpgrade pgUpgrade,
    List<Built> built,
    List<Rebuilt> rebuilt,
    List<Rebuilt> rebuiltAtLast,
    List<Standby> kept,
    Optional<String> noWayBack,
    OwnRole role,
    List<String> replicationSources,
    long lagLimitBytes,
    int jobs,
    boolean refusesDdl,
    boolean mayHaveJobs,
    long retainedMegabytes) {

  /** The server of the new version on the candidate's host. */
  public PgServer newPrimary() {
    return newCluster.server();
  }

  /** The new primary as a follower of the old one. */
  public Subscriber follower() {
    return new Subscriber(newPrimary(), new Publisher(oldPrimary), role);
  }

  /** The old primary as a follower of the new one. */
  public WayBack wayBack() {
    return new WayBack(new Subscriber(oldPrimary, new Publisher(newPrimary()), role), noWayBack);
  }

  /** From the old version to the new one, as it is upgraded. */
  Direction forth() {
    return forth(oldStandbys);
  }

  /** From the old version to the new one once more: the old side has the kept standbys only. */
  Direction forthAgain() {
    return forth(servers(kept));
  }

  private Direction forth(List<PgServer> leftStandbys) {
    return direction(
        oldPrimary, leftStandbys, newPrimary(), newStandbys(), follower(), wayBack(), oldClients());
  }

  /** From the new version back to the old one. */
  Direction back() {
    return direction(
        newPrimary(),
        servers(newStandbys()),
        oldPrimary,
        kept,
        wayBack().follower(),
        new WayBack(follower(), noWayBack),
        newClients());
  }

  private Direction direction(
      PgServer left,
      List<PgServer> leftStandbys,
      PgServer serving,
      List<Standby> standbys,
      Subscriber follower,
      WayBack wayBack,
      Clients clients) {
    return new Direction(
        left,
        leftStandbys,
        serving,
        standbys,
        follower,
        wayBack,
        clients,
        new GuardDdl(serving, refusesDdl, DdlGuard.Reason.WAY_BACK),
        new CreatePublicationsAndSlots(new Publisher(serving), retainedMegabytes));
  }

  private static List<PgServer> servers(List<Standby> standbys) {
    return standbys.stream().map(Standby::server).toList();
  }

  /** The clients of the new primary: all but us and who replicates. */
  public Clients newClients() {
    return Clients.ofLeft(newPrimary(), role, replicationSources);
  }

  /** The clients of the old primary: all but us and who replicates. */
  public Clients oldClients() {
    return Clients.ofLeft(oldPrimary, role, replicationSources);
  }

  /** The standbys of the new version. */
  public List<Standby> newStandbys() {
    return Stream.concat(built.stream().map(Built::standby), rebuilt.stream().map(Rebuilt::standby))
        .toList();
  }

  /** Those that are built before the switch, where it comes late enough for that. */
  List<Standby> builtBefore() {
    return built.stream().map(Built::standby).toList();
  }

  /** The servers that clients are led to in the switch to the new version. */
  List<PgServer> ledToNew() {
    return Stream.concat(Stream.of(newPrimary()), servers(builtBefore()).stream()).toList();
  }

  /** Those that are built after it otherwise; nothing is on their hosts. */
  List<Rebuilt> builtAfter() {
    return Stream.concat(
            built.stream().map(built -> new Rebuilt(built.standby(), Optional.empty())),
            rebuilt.stream())
        .toList();
  }
}
