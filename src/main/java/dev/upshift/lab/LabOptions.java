package dev.upshift.lab;

import dev.upshift.topology.PgVersion;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** What lab to make. Start with {@link #usual()}; each {@code with} gives another one. */
public final class LabOptions {
  /** What {@code lab up} makes when nothing is said. */
  public static final int USUAL_SCALE = 1000;

  // Set while one is made, in with(), and never after.
  private Optional<Programs.Pair> versions = Optional.empty();
  private Map<PgVersion, Path> bins = Map.of();
  private Optional<Path> dir = Optional.empty();
  private int scale = USUAL_SCALE;
  private Optional<VisitorRates> visitors = Optional.of(VisitorRates.usual());
  private boolean applications = true;
  private boolean archive;
  private boolean poolers;
  private boolean separateHosts;
  private Keeper keeper = Keeper.PG_CTL;
  private Place place = Place.any();
  private Map<String, String> settings = Map.of();

  /**
   * Where a lab listens; what is empty is chosen so that it is free.
   *
   * @param group the third number of its addresses, 127.77.GROUP.x, from 1 to 254
   * @param port the port of its database servers
   */
  public record Place(OptionalInt group, OptionalInt port) {
    /** Any free one. */
    public static Place any() {
      return new Place(OptionalInt.empty(), OptionalInt.empty());
    }

    /** Exactly this one. */
    public static Place of(int group, int port) {
      return new Place(OptionalInt.of(group), OptionalInt.of(port));
    }
  }

  private LabOptions() {}

  /** The newest two versions, 100,000 rows, the whole fleet and some visitors. */
  public static LabOptions usual() {
    return new LabOptions();
  }

  private LabOptions with(Consumer<LabOptions> change) {
    var other = new LabOptions();
    other.versions = versions;
    other.bins = bins;
    other.dir = dir;
    other.scale = scale;
    other.visitors = visitors;
    other.applications = applications;
    other.archive = archive;
    other.poolers = poolers;
    other.separateHosts = separateHosts;
    other.keeper = keeper;
    other.place = place;
    other.settings = settings;
    change.accept(other);
    return other;
  }

  /** The same between these versions. */
  public LabOptions withVersions(PgVersion from, PgVersion to) {
    return with(lab -> lab.versions = Optional.of(new Programs.Pair(from, to)));
  }

  /** The same with these folders of programs. */
  public LabOptions withBins(Map<PgVersion, Path> folders) {
    return with(lab -> lab.bins = Map.copyOf(folders));
  }

  /** The same in this folder. */
  public LabOptions withDir(Path folder) {
    return with(lab -> lab.dir = Optional.of(folder));
  }

  /** The same with so many podcasts. */
  public LabOptions withScale(int podcasts) {
    return with(lab -> lab.scale = podcasts);
  }

  /** The same with these visitors. */
  public LabOptions withVisitors(VisitorRates rates) {
    return with(lab -> lab.visitors = Optional.of(rates));
  }

  /** The same with no visitors. */
  public LabOptions withoutVisitors() {
    return with(lab -> lab.visitors = Optional.empty());
  }

  /**
   * The same with the servers only: no fleets, no HAProxy, no visitors. Where each server has a
   * host of its own, application servers are there, and nothing runs on them.
   */
  public LabOptions withoutApplications() {
    return withoutVisitors().with(lab -> lab.applications = false);
  }

  /** The same with an archive of the WAL. */
  public LabOptions withArchive() {
    return with(lab -> lab.archive = true);
  }

  /** The same with two poolers, the machine's PgBouncer and the newest, and no database names. */
  public LabOptions withPgBouncer() {
    return with(lab -> lab.poolers = true);
  }

  /**
   * The same with a host of its own for each database server, each application server and HAProxy,
   * reached by ssh.
   */
  public LabOptions onSeparateHosts() {
    return with(lab -> lab.separateHosts = true);
  }

  /**
   * The same with hosts of their own, of which those of the databases run systemd, and PostgreSQL
   * as Debian installs it: configuration in /etc/postgresql, data in /var/lib/postgresql, a unit
   * for each cluster that starts it again when it ends.
   */
  public LabOptions withSystemd() {
    return onSeparateHosts().with(lab -> lab.keeper = Keeper.SYSTEMD);
  }

  /**
   * The same with hosts of their own without systemd, as containers are, and PostgreSQL as Debian
   * installs it, started and stopped by pg_ctlcluster.
   */
  public LabOptions withPgCtlCluster() {
    return onSeparateHosts().with(lab -> lab.keeper = Keeper.PG_CTLCLUSTER);
  }

  /** The same at this place. */
  public LabOptions withPlace(Place other) {
    return with(lab -> lab.place = other);
  }

  /** The same with more settings of the old cluster's servers. */
  public LabOptions withSettings(Map<String, String> more) {
    return with(lab -> lab.settings = Map.copyOf(more));
  }

  /** From which version to which; empty: the newest two that can be had. */
  public Optional<Programs.Pair> versions() {
    return versions;
  }

  /** Folders of programs that win over what is installed or fetched. */
  public Map<PgVersion, Path> bins() {
    return bins;
  }

  /** The lab's folder; empty: {@link Lab#usualDir()}. */
  public Optional<Path> dir() {
    return dir;
  }

  /** How many podcasts the site has; 1000 make 100,000 rows. */
  public int scale() {
    return scale;
  }

  /** Who visits the site; empty: nobody. */
  public Optional<VisitorRates> visitors() {
    return visitors;
  }

  /** Whether the fleets and HAProxy run; without them only the servers do. */
  public boolean applications() {
    return applications;
  }

  /** Whether the old primary archives its WAL, into a folder of the lab. */
  public boolean archive() {
    return archive;
  }

  /** Whether clients come in through PgBouncer, and not through names in hosts files. */
  public boolean poolers() {
    return poolers;
  }

  /** Whether each server is a host of its own, reached by ssh. */
  public boolean separateHosts() {
    return separateHosts;
  }

  /** What looks after the databases' servers. */
  public Keeper keeper() {
    return keeper;
  }

  /** Where it listens. */
  public Place place() {
    return place;
  }

  /** More settings of the old cluster's servers. */
  public Map<String, String> settings() {
    return settings;
  }
}
