package dev.upshift.run;

import dev.upshift.failure.WorldError;
import dev.upshift.journal.Entry;
import dev.upshift.journal.FileJournal;
import dev.upshift.journal.RunLock;
import dev.upshift.topology.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * Where a run keeps what it knows: {@code STATE/CLUSTER/runs/NNNN}, for nobody's eyes but the
 * operator's.
 *
 * @param folder the run's own folder
 */
public record RunFolder(Path folder) {

  /** The number people call it by. */
  public String number() {
    return folder.getFileName() + "";
  }

  /** What happened. */
  public Path journal() {
    return folder.resolve("journal.jsonl");
  }

  /** Every command, file and statement that changed something. */
  public Path effects() {
    return folder.resolve("effects.jsonl");
  }

  /** What the probe measured. */
  public Path probeLog() {
    return folder.resolve("probe.log");
  }

  /** A copy of the hosts file of the machine that the probe measures for. */
  Path probeHosts() {
    return folder.resolve("probe.hosts");
  }

  /** The file whose appearance ends the probe. */
  public Path probeStop() {
    return folder.resolve("probe.stop");
  }

  /** The password of our own role. */
  public Path secret() {
    return folder.resolve("role-password");
  }

  /** The result, as the JSON that programs read. */
  public Path result() {
    return folder.resolve("result.json");
  }

  /** The journal's entries as they stand; another process may be writing it. */
  public List<Entry> entries() {
    return FileJournal.read(journal());
  }

  /** What became of the probe's writes. */
  public Path ledger() {
    return folder.resolve("ledger.json");
  }

  /** Whether nothing is left to do: the upgrade is complete, or everything was undone. */
  public boolean isFinished() {
    var entries = entries();
    if (entries.isEmpty()) {
      return true;
    }
    var open = new java.util.HashSet<String>();
    for (var entry : entries) {
      switch (entry) {
        case Entry.Started e -> open.add(e.step());
        case Entry.Undone e -> open.remove(e.step());
        default -> {}
      }
    }
    return isComplete(entries)
        || (entries.getLast() instanceof Entry.Ended ended
            && open.isEmpty()
            && !ended.result().equals("interrupted"));
  }

  /** Whether its course came to its end: it was not undone. */
  boolean isComplete() {
    return isComplete(entries());
  }

  private static boolean isComplete(List<Entry> entries) {
    return !entries.isEmpty()
        && entries.getLast() instanceof Entry.Ended ended
        && course(entries).map(Course::result).filter(ended.result()::equals).isPresent();
  }

  /** What it does; empty before it has begun. */
  Optional<Course> course() {
    return course(entries());
  }

  private static Optional<Course> course(List<Entry> entries) {
    return entries.stream()
        .filter(Entry.Began.class::isInstance)
        .map(began -> Course.of(((Entry.Began) began).plan()))
        .findFirst();
  }

  /** All runs of a cluster, in order. */
  static List<RunFolder> all(Topology topology) {
    return all(topology, "runs");
  }

  /** The folder of a cluster's state; made, mode 0700, where it is not there. */
  static Path stateOf(Topology topology) {
    return make(topology.stateDir().resolve(topology.cluster()));
  }

  /** Whether some process works on a cluster now. */
  public static boolean isWorkedOn(Topology topology) {
    return RunLock.isHeld(topology.stateDir().resolve(topology.cluster()).resolve("lock"));
  }

  /** The latest run of a cluster, if there was one. */
  public static Optional<RunFolder> latest(Topology topology) {
    return latest(topology, "runs");
  }

  private static Optional<RunFolder> latest(Topology topology, String kind) {
    return all(topology, kind).reversed().stream().findFirst();
  }

  private static List<RunFolder> all(Topology topology, String kind) {
    var runs = topology.stateDir().resolve(topology.cluster()).resolve(kind);
    if (!Files.isDirectory(runs)) {
      return List.of();
    }
    try (var folders = Files.list(runs)) {
      return folders.filter(Files::isDirectory).sorted().map(RunFolder::new).toList();
    } catch (IOException e) {
      throw new WorldError("this machine", "could not list " + runs + ": " + e.getMessage(), "", e);
    }
  }

  /** A new run's folder. */
  static RunFolder next(Topology topology) {
    return next(topology, "runs");
  }

  /**
   * A new run's folder, for a run that goes on with what this one has made: our role has the
   * password that was made then.
   */
  static RunFolder after(RunFolder earlier, Topology topology) {
    var next = next(topology);
    try {
      Files.copy(earlier.secret(), next.secret(), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    } catch (IOException e) {
      throw new WorldError(
          "this machine",
          "could not copy " + earlier.secret() + ": " + e.getMessage(),
          "the password of our own role stands there; without it nobody can follow",
          e);
    }
    return next;
  }

  /** A new folder for a probe that belongs to no run. */
  static RunFolder nextProbe(Topology topology) {
    return next(topology, "probes");
  }

  /** The folders of such probes. */
  static List<RunFolder> probes(Topology topology) {
    return all(topology, "probes");
  }

  private static RunFolder next(Topology topology, String kind) {
    int number = latest(topology, kind).map(run -> Integer.parseInt(run.number())).orElse(0) + 1;
    return new RunFolder(make(stateOf(topology).resolve(kind).resolve("%04d".formatted(number))));
  }

  private static Path make(Path folder) {
    try {
      return Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new WorldError(
          "this machine",
          "could not make the folder " + folder + ": " + e.getMessage(),
          "name another one as state in the topology",
          e);
    }
  }
}
