package dev.upshift.upgrade;

import dev.upshift.postgres.Clients;
import dev.upshift.postgres.NewCluster;
import dev.upshift.postgres.OwnRole;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.PgUpgrade;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.Standby;
import dev.upshift.postgres.Subscriber;
import dev.upshift.upgrade.steps.RebuildStandbys.Rebuilt;
import java.util.List;

/**
 * The database servers of both versions.
 *
 * @param oldPrimary the running primary
 * @param oldStandbys its standbys, without the candidate
 * @param candidate the extra standby that will be upgraded
 * @param newCluster the new cluster on the candidate's host
 * @param pgUpgrade the program that turns the one into the other
 * @param rebuilt each old standby's host with the standby of the new version that it will have
 * @param role the role that standbys of ours replicate as
 * @param replicationSources the addresses (CIDR) that they connect from
 * @param lagLimitBytes how far the candidate may be behind when the switch begins
 * @param jobs how many processors the database hosts have to spare
 * @param refusesDdl whether changes of the schema are refused while another server follows
 * @param retainedMegabytes how much WAL logical slots may retain on the old primary
 */
public record Cluster(
    PgServer oldPrimary,
    List<PgServer> oldStandbys,
    Standby candidate,
    NewCluster newCluster,
    PgUpgrade pgUpgrade,
    List<Rebuilt> rebuilt,
    OwnRole role,
    List<String> replicationSources,
    long lagLimitBytes,
    int jobs,
    boolean refusesDdl,
    long retainedMegabytes) {

  /** The server of the new version on the candidate's host. */
  public PgServer newPrimary() {
    return newCluster.server();
  }

  /** The new primary as a follower of the old one. */
  public Subscriber follower() {
    return new Subscriber(newPrimary(), new Publisher(oldPrimary), role);
  }

  /** The clients of the old primary: all but us and who replicates. */
  public Clients oldClients() {
    return Clients.ofLeft(oldPrimary, role, replicationSources);
  }

  /** The standbys of the new version. */
  public List<Standby> newStandbys() {
    return rebuilt.stream().map(Rebuilt::standby).toList();
  }
}
