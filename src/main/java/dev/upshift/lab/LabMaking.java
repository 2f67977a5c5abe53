package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Makes a lab, step by step. */
final class LabMaking {
  /** Of each server's own: initdb's files and the WAL that it keeps. */
  private static final long BYTES_PER_SERVER = 400L << 20;

  private static final long BYTES_PER_PODCAST = 100L << 10;

  /** Three old servers, the candidate, and three new ones that are copied before the old go. */
  private static final int SERVERS = 7;

  private static final Duration FOLLOW_LIMIT = Duration.ofMinutes(10);
  private static final Path NONE = Path.of("/");
  private static final int MOST_PODCASTS = 5_000_000;

  private final LabOptions options;
  private final Progress progress;
  private final Host host = new LocalHost("this machine", Witness.NONE);

  LabMaking(LabOptions options, Progress progress) {
    this.options = options;
    this.progress = progress;
  }

  Lab make() {
    if (options.scale() < 1 || options.scale() > MOST_PODCASTS) {
      throw new InputError(
          "a scale of " + options.scale() + " is not possible",
          "give a number of podcasts from 1 to " + MOST_PODCASTS);
    }
    checkHosts();
    var wished = new LabFolder(options.dir().orElseGet(Lab::usualDir).toAbsolutePath().normalize());
    wished.checkLength();
    checkFree(wished);
    checkSpace(wished.dir(), options.scale(), host.freeBytes(wished.dir()));
    var programs = Programs.forThisUser(options.bins(), progress);
    var versions = options.versions().orElseGet(programs::newestPair);
    if (versions.older().compareTo(versions.newer()) >= 0) {
      throw new InputError(
          "%s is not newer than %s".formatted(versions.newer(), versions.older()),
          "give the older version first");
    }
    var bins = new Path[6];
    Together.run(
        List.of(
            () -> bins[0] = programs.postgres(versions.older()),
            () -> bins[1] = programs.postgres(versions.newer()),
            () -> bins[2] = options.applications() ? programs.haproxy() : NONE,
            () -> bins[3] = options.poolers() ? programs.pgbouncer() : NONE,
            () -> bins[4] = options.poolers() ? programs.newestPgbouncer(versions.older()) : NONE,
            () -> bins[5] = options.separateHosts() ? programs.sshd() : NONE));
    var osUser = OsAccount.choose();
    var pgbouncers = List.of(bins[3], bins[4]);
    if (options.separateHosts()) {
      var folder = create(wished);
      var unknown = Addresses.onHosts(HostsNetwork.UNKNOWN, options.place());
      var plan = LabPlan.of(folder, versions, bins[0], bins[1], unknown, osUser, options);
      plan.write();
      return orRemove(plan, () -> fill(onHosts(plan, bins[5]), bins[2], pgbouncers));
    }
    try (var reserved = Addresses.reserve(options.place())) {
      var folder = create(wished);
      var plan =
          LabPlan.of(folder, versions, bins[0], bins[1], reserved.addresses(), osUser, options);
      plan.write();
      return orRemove(plan, () -> fill(plan, bins[2], pgbouncers));
    }
  }

  private void checkHosts() {
    if (!options.separateHosts()) {
      return;
    }
    HostsNeeds.check();
    HostsNeeds.check(options.keeper());
    if (options.place().group().isPresent()) {
      throw new InputError(
          "a lab of separate hosts chooses its addresses itself", "leave one of the two away");
    }
  }

  private static void checkFree(LabFolder folder) {
    if (Files.isRegularFile(folder.marker())) {
      throw new InputError(
          "there is a lab in " + folder.dir() + " already",
          "remove it with 'upshift lab down', or give another folder");
    }
    if (!Files.exists(folder.dir())) {
      return;
    }
    try (var entries = Files.list(folder.dir())) {
      if (entries.findAny().isPresent()) {
        throw new InputError(
            folder.dir() + " is not empty", "give a folder that is empty or not there yet");
      }
    } catch (IOException e) {
      throw new InputError(
          folder.dir() + " cannot be used as a folder: " + e.getMessage(), "give another folder");
    }
  }

  /** Complains where a lab of that many podcasts, and its upgrade, would fill the disk. */
  static void checkSpace(Path dir, int scale, long free) {
    long needed = SERVERS * (BYTES_PER_SERVER + scale * BYTES_PER_PODCAST);
    if (free < needed) {
      throw new WorldError(
          "this machine",
          String.format(
              Locale.ROOT,
              "a lab of %d podcasts and its upgrade need about %.1f GB, and %s has %.1f GB free",
              scale,
              needed / 1e9,
              dir,
              free / 1e9),
          "make room, give a folder on another disk, or a smaller scale");
    }
  }

  /** Makes the folder; as root other users must be able to pass, because the servers are one. */
  private static LabFolder create(LabFolder wished) {
    boolean root = "root".equals(System.getProperty("user.name"));
    var mode = PosixFilePermissions.fromString(root ? "rwxr-xr-x" : "rwx------");
    try {
      createWithParents(wished.dir(), mode);
      Files.setPosixFilePermissions(wished.dir(), mode);
      var folder = new LabFolder(real(wished.dir()));
      folder.checkLength();
      return folder;
    } catch (AccessDeniedException e) {
      throw new InputError(
          "this user may not make the folder " + wished.dir(),
          "give a folder of your own, or run as a user who may");
    } catch (IOException e) {
      throw new InputError(
          "the folder " + wished.dir() + " cannot be made: " + e.getMessage(),
          "give another folder");
    }
  }

  /** The umask does not count: a folder in between that nobody may pass would be no help. */
  private static void createWithParents(Path dir, Set<PosixFilePermission> mode)
      throws IOException {
    var missing = new ArrayList<Path>();
    for (var path = dir; path != null && !Files.exists(path); path = path.getParent()) {
      missing.add(path);
    }
    for (var path : missing.reversed()) {
      Files.createDirectory(path);
      Files.setPosixFilePermissions(path, mode);
    }
  }

  /** Without symbolic links, as processes see it; where it is not there, as it is written. */
  static Path real(Path dir) {
    try {
      return dir.toRealPath();
    } catch (IOException e) {
      return dir.toAbsolutePath().normalize();
    }
  }

  private static Lab orRemove(LabPlan plan, Supplier<LabPlan> making) {
    try (var _ = plan.machines()) {
      return new Lab(making.get());
    } catch (RuntimeException | Error e) {
      // A wish to end has been heard; what follows must not be interrupted by it.
      boolean interrupted = Thread.interrupted();
      try {
        new Removal(plan).remove();
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      throw e;
    }
  }

  private LabPlan onHosts(LabPlan planned, Path sshd) {
    progress.at("starting the hosts", 0, 1);
    var hosts =
        SeparateHosts.up(planned.folder().separateHosts(), planned.hosts(), sshd, debian(planned));
    var plan = planned.at(Addresses.onHosts(hosts.network(), options.place()));
    plan.rewrite();
    progress.at("starting the hosts", 1, 1);
    return plan;
  }

  private static SeparateHosts.Debian debian(LabPlan plan) {
    if (!plan.keeper().isDebians()) {
      return SeparateHosts.Debian.NOWHERE;
    }
    var versions = new TreeMap<PgVersion, Path>();
    Stream.of(plan.oldSide(), plan.newSide())
        .forEach(side -> versions.put(side.version(), side.bin().resolveSibling("")));
    return new SeparateHosts.Debian(
        Set.copyOf(LabPlan.SERVERS), versions, plan.keeper() == Keeper.SYSTEMD);
  }

  /** An application server without applications: names, and the workers' mark where there are. */
  private static void furnish(LabPlan plan, String name) {
    new FleetDatabases(plan).write(name);
    if (!LabPlan.WEB.contains(name) && !LabPlan.API.contains(name)) {
      plan.machines().host(name).replaceText(LabFolder.WORKERS_OF_A_HOST, "");
    }
  }

  private LabPlan fill(LabPlan plan, Path haproxy, List<Path> pgbouncers) {
    fillServers(plan);
    startPoolers(plan, pgbouncers);
    if (options.applications()) {
      var applications = new Applications(plan);
      applications.configure();
      applications.start(haproxy, progress);
      options.visitors().ifPresent(applications::startVisitors);
    } else if (options.separateHosts()) {
      Together.run(
          LabPlan.fleet().stream().<Runnable>map(name -> () -> furnish(plan, name)).toList());
    }
    return plan;
  }

  private void startPoolers(LabPlan plan, List<Path> programs) {
    if (options.poolers()) {
      makeServersFolder(plan, plan.folder().poolers());
      new LabPoolers(plan).start(programs, progress);
    }
  }

  private void fillServers(LabPlan plan) {
    makeServersFolder(plan, plan.folder().databases());
    checkReach(plan);
    host.replaceText(plan.folder().topology(), TopologyText.of(plan));
    TopologyFile.read(plan.folder().topology());
    var cluster = new OldCluster(plan, options);
    progress.at("starting the primary", 0, 1);
    cluster.createPrimary();
    cluster.preparePlace("db4");
    progress.at("starting the primary", 1, 1);
    var tasks = new ArrayList<Runnable>();
    LabPlan.STANDBYS.forEach(standby -> tasks.add(() -> cluster.createStandby(standby)));
    tasks.add(() -> cluster.load(progress));
    Together.run(tasks);
    cluster.awaitStandbys(Deadline.in(FOLLOW_LIMIT));
  }

  private void makeServersFolder(LabPlan plan, Path folder) {
    host.makeFolder(folder);
    if (!plan.osUser().equals(System.getProperty("user.name"))) {
      host.run(Command.of("chown", plan.osUser(), folder));
    }
  }

  /** Whether the servers' user can run the programs and pass through to their folders. */
  private void checkReach(LabPlan plan) {
    var user = host.as(plan.osUser());
    if (!user.ask(Command.of("test", "-w", plan.folder().databases())).ok()) {
      throw new InputError(
          "the servers run as " + plan.osUser() + ", who cannot reach " + plan.folder().databases(),
          "give a folder that this user can reach, such as " + Lab.usualDir());
    }
    for (var side : List.of(plan.oldSide(), plan.newSide())) {
      var said = user.ask(Command.of(side.bin().resolve("postgres"), "--version"));
      if (!said.ok()) {
        throw new InputError(
            "the servers run as %s, who cannot run %s%s"
                .formatted(plan.osUser(), side.bin().resolve("postgres"), said.lastLines()),
            "give programs that this user can run");
      }
    }
  }
}
