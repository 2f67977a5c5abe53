package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * A real cluster to throw away: an old primary with two standbys, a place for the candidate, the
 * applications of a podcast site, and visitors. Everything is in one folder; everything listens on
 * the loopback only (or on hosts that no other machine can reach), on addresses of the lab's own,
 * so that several labs run side by side.
 */
public final class Lab {
  private final LabPlan plan;

  Lab(LabPlan plan) {
    this.plan = plan;
  }

  /** Where a lab is made when nothing is said: /var/lib as root, else the user's state folder. */
  public static Path usualDir() {
    return usualDir(System.getenv(), System.getProperty("user.name"));
  }

  static Path usualDir(Map<String, String> environment, String user) {
    if (user.equals("root")) {
      return Path.of("/var/lib/upshift/lab");
    }
    var xdg = environment.getOrDefault("XDG_STATE_HOME", "");
    var home = environment.getOrDefault("HOME", System.getProperty("user.home"));
    return (xdg.startsWith("/") ? Path.of(xdg) : Path.of(home, ".local/state"))
        .resolve("upshift/lab");
  }

  /**
   * Makes a lab and waits until everything serves. When that fails, nothing is left behind.
   *
   * @throws InputError when the folder, the place or a version cannot be used
   * @throws dev.upshift.failure.WorldError when a program cannot be fetched or started
   */
  public static Lab up(LabOptions options, Progress progress) {
    return new LabMaking(options, progress).make();
  }

  /**
   * The lab in this folder.
   *
   * @throws InputError when there is none
   */
  public static Lab at(Path dir) {
    return new Lab(LabPlan.read(folder(dir)));
  }

  /** Whether there is a lab in this folder. */
  public static boolean isAt(Path dir) {
    return Files.isRegularFile(folder(dir).marker());
  }

  private static LabFolder folder(Path dir) {
    return new LabFolder(LabMaking.real(dir));
  }

  /**
   * Ends every process of the lab, those of an upgrade too, and removes its folder; does nothing
   * where the folder is gone.
   *
   * @throws InputError when the folder is no lab, or is another user's
   */
  public void down() {
    var dir = plan.folder().dir();
    if (!Files.exists(dir)) {
      return;
    }
    if (!Files.isRegularFile(plan.folder().marker())) {
      throw new InputError(dir + " is no longer a lab", "remove it by hand if it is yours");
    }
    new Removal(plan).remove();
  }

  /** What runs, in which role, and who follows whom. */
  public LabStatus status() {
    try (var _ = plan.machines()) {
      return new StatusReader(plan).read();
    }
  }

  /** The hosts of its servers, where each has one of its own. */
  public Optional<SeparateHosts> hosts() {
    return plan.machines().areSeparate()
        ? Optional.of(SeparateHosts.at(plan.folder().separateHosts()))
        : Optional.empty();
  }

  /** What the visitors and the workers have counted. */
  public FleetTotals fleetTotals() {
    return FleetTotals.read(plan);
  }

  /** Its folder. */
  public Path dir() {
    return plan.folder().dir();
  }

  /** Describes it to upshift. */
  public Path topologyFile() {
    return plan.folder().topology();
  }

  /**
   * The topology file, read.
   *
   * @throws InputError when somebody has spoiled it
   */
  public Topology topology() {
    return TopologyFile.read(topologyFile());
  }

  /** The passwords of postgres, app, app_ro, upshift_probe and replicator. */
  public Path passfile() {
    return plan.folder().passfile();
  }

  /** The site, for a browser; it answers through HAProxy. */
  public URI site() {
    return URI.create(LabBalancer.address(plan.addresses().site()) + "/");
  }

  /** The site's programming interface, through HAProxy. */
  public URI api() {
    return URI.create(LabBalancer.address(plan.addresses().programs()) + "/");
  }
}
