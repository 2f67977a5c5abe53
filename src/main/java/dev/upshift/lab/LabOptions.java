package dev.upshift.lab;

import dev.upshift.topology.PgVersion;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What lab to make. Start with {@link #usual()}.
 *
 * @param versions from which version to which; empty: the newest two that can be had
 * @param bins folders of programs that win over what is installed or fetched
 * @param dir the lab's folder; empty: {@link Lab#usualDir()}
 * @param scale how many podcasts the site has; 1000 make 100,000 rows
 * @param visitors who visits the site; empty: nobody
 * @param applications whether the fleets and HAProxy run; without them only the servers do
 * @param archive whether the old primary archives its WAL, into a folder of the lab
 * @param poolers whether clients come in through PgBouncer, and not through names in hosts files
 * @param separateHosts whether each server is a host of its own, reached by ssh
 * @param place where it listens
 * @param settings more settings of the old cluster's servers
 */
public record LabOptions(
    Optional<Programs.Pair> versions,
    Map<PgVersion, Path> bins,
    Optional<Path> dir,
    int scale,
    Optional<VisitorRates> visitors,
    boolean applications,
    boolean archive,
    boolean poolers,
    boolean separateHosts,
    Place place,
    Map<String, String> settings) {

  /** What {@code lab up} makes when nothing is said. */
  public static final int USUAL_SCALE = 1000;

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

  public LabOptions {
    bins = Map.copyOf(bins);
    settings = Map.copyOf(settings);
  }

  /** The newest two versions, 100,000 rows, the whole fleet and some visitors. */
  public static LabOptions usual() {
    return new LabOptions(
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        USUAL_SCALE,
        Optional.of(VisitorRates.usual()),
        true,
        false,
        false,
        false,
        Place.any(),
        Map.of());
  }

  /** The same between these versions. */
  public LabOptions withVersions(PgVersion from, PgVersion to) {
    var pair = Optional.of(new Programs.Pair(from, to));
    return new LabOptions(
        pair,
        bins,
        dir,
        scale,
        visitors,
        applications,
        archive,
        poolers,
        separateHosts,
        place,
        settings);
  }

  /** The same with these folders of programs. */
  public LabOptions withBins(Map<PgVersion, Path> folders) {
    return new LabOptions(
        versions,
        folders,
        dir,
        scale,
        visitors,
        applications,
        archive,
        poolers,
        separateHosts,
        place,
        settings);
  }

  /** The same in this folder. */
  public LabOptions withDir(Path folder) {
    return new LabOptions(
        versions,
        bins,
        Optional.of(folder),
        scale,
        visitors,
        applications,
        archive,
        poolers,
        separateHosts,
        place,
        settings);
  }

  /** The same with so many podcasts. */
  public LabOptions withScale(int podcasts) {
    return new LabOptions(
        versions,
        bins,
        dir,
        podcasts,
        visitors,
        applications,
        archive,
        poolers,
        separateHosts,
        place,
        settings);
  }

  /** The same with these visitors. */
  public LabOptions withVisitors(VisitorRates rates) {
    return new LabOptions(
        versions,
        bins,
        dir,
        scale,
        Optional.of(rates),
        applications,
        archive,
        poolers,
        separateHosts,
        place,
        settings);
  }

  /** The same with no visitors. */
  public LabOptions withoutVisitors() {
    return new LabOptions(
        versions,
        bins,
        dir,
        scale,
        Optional.empty(),
        applications,
        archive,
        poolers,
        separateHosts,
        place,
        settings);
  }

  /** The same with the servers only: no fleets, no HAProxy, no visitors. */
  public LabOptions withoutApplications() {
    return new LabOptions(
        versions,
        bins,
        dir,
        scale,
        Optional.empty(),
        false,
        archive,
        poolers,
        separateHosts,
        place,
        settings);
  }

  /** The same with an archive of the WAL. */
  public LabOptions withArchive() {
    return new LabOptions(
        versions,
        bins,
        dir,
        scale,
        visitors,
        applications,
        true,
        poolers,
        separateHosts,
        place,
        settings);
  }

  /** The same with two poolers, the machine's PgBouncer and the newest, and no database names. */
  public LabOptions withPgBouncer() {
    return new LabOptions(
        versions,
        bins,
        dir,
        scale,
        visitors,
        applications,
        archive,
        true,
        separateHosts,
        place,
        settings);
  }

  /**
   * The same with a host of its own for each database server and each application server, reached
   * by ssh. On the latter nothing runs yet: there are no applications.
   */
  public LabOptions onSeparateHosts() {
    return new LabOptions(
        versions,
        bins,
        dir,
        scale,
        Optional.empty(),
        false,
        archive,
        poolers,
        true,
        place,
        settings);
  }

  /** The same at this place. */
  public LabOptions withPlace(Place other) {
    return new LabOptions(
        versions,
        bins,
        dir,
        scale,
        visitors,
        applications,
        archive,
        poolers,
        separateHosts,
        other,
        settings);
  }

  /** The same with more settings of the old cluster's servers. */
  public LabOptions withSettings(Map<String, String> more) {
    return new LabOptions(
        versions,
        bins,
        dir,
        scale,
        visitors,
        applications,
        archive,
        poolers,
        separateHosts,
        place,
        more);
  }
}
