package dev.upshift.run;

import dev.upshift.failure.InputError;
import dev.upshift.host.Witness;
import dev.upshift.postgres.PgServer;
import dev.upshift.report.Report;
import dev.upshift.time.Clock;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A probe on its own: measures reads and writes from the client's side for a while, looks for every
 * write, and cleans up.
 */
public final class ProbeAlone {
  private static final Duration PAUSE = Duration.ofMillis(200);
  private final Topology topology;
  private final Topology.Probe probe;
  private volatile boolean stopWanted;

  /**
   * The probe that the topology describes.
   *
   * @throws InputError when it describes none
   */
  public ProbeAlone(Topology topology) {
    this.topology = topology;
    this.probe =
        topology
            .probe()
            .orElseThrow(() ->
                new InputError(
                    topology.file() + " has no probe",
                    "add a section probe: with user, database, from, read and write"));
  }

  /** Ends the measuring early. */
  public void stop() {
    stopWanted = true;
  }

  /** Measures for so long. */
  public Report measure(Duration time) {
    var folder = RunFolder.nextProbe(topology);
    var probing = new Probing(topology, probe, folder);
    var primary = serving();
    boolean makes = probe.writes() && !probing.hasTables(primary);
    if (makes && areFollowed()) {
      throw new InputError(
          "the probe's tables cannot be made while an upgrade of "
              + topology.cluster()
              + " is under way or can be gone back from",
          "measure reads only (probe.writes: false), or end it first: upshift finish");
    }
    var left = earlier().filter(Probing::hasLeftTables).toList();
    boolean areOurs = makes || !left.isEmpty();
    try (Ending _ = () -> dropTables(probing, left, primary, areOurs);
        Ending _ = probing::stop) {
      if (makes) {
        probing.makeTables(primary);
      }
      probing.ensureRunning();
      Deadline.in(time, Clock.system()).until(PAUSE, () -> stopWanted);
      probing.stop();
      if (probe.writes()) {
        probing.checkLedger(primary);
      }
    }
    return Report.of(folder.folder());
  }

  private interface Ending extends AutoCloseable {
    @Override
    void close();
  }

  /** Probes before this one: one that was killed could not clean up. */
  private Stream<Probing> earlier() {
    return RunFolder.probes(topology).stream().map(folder -> new Probing(topology, probe, folder));
  }

  /** Those of an upgrade that has begun meanwhile are its own by now. */
  private void dropTables(Probing probing, List<Probing> left, PgServer primary, boolean areOurs) {
    if (areOurs && !areFollowed()) {
      probing.dropTables(primary);
      probing.forgetTables();
      left.forEach(Probing::forgetTables);
    }
  }

  /** The other side would not have them; and once they are gone, its schema is another's. */
  private boolean areFollowed() {
    var standing = Standing.of(topology);
    return standing.unfinished().isPresent() || standing.newServes() || standing.isSwitchedBack();
  }

  /** The primary of the new cluster where one runs, otherwise the old one's. */
  private PgServer serving() {
    var stage = Stage.live(topology, RunFolder.stateOf(topology).resolve("unused"), Witness.NONE);
    return stage.newPrimary().isRunning() ? stage.newPrimary() : stage.oldPrimary();
  }
}
