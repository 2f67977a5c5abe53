package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Stops everything of a lab, whatever state it is in, and removes its folder. */
final class Removal {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private final LabPlan plan;
  private final Host host = new LocalHost("this machine", Witness.NONE);

  Removal(LabPlan plan) {
    this.plan = plan;
  }

  /**
   * Does it; may be called again after it failed.
   *
   * @throws InputError when the lab is another user's
   */
  void remove() {
    checkOwner();
    var directories = dataDirectories();
    var shared = directories.stream().flatMap(data -> sharedMemory(data).stream()).toList();
    Together.run(directories.stream().<Runnable>map(data -> () -> stop(data)).toList());
    new Residents(plan).end(Deadline.in(STOP_LIMIT));
    shared.forEach(this::removeUnused);
    host.remove(plan.folder().dir());
  }

  private void checkOwner() {
    try {
      var owner = Files.getOwner(plan.folder().marker()).getName();
      var self = System.getProperty("user.name");
      if (!self.equals(owner) && !self.equals("root")) {
        throw new InputError(
            "the lab in " + plan.folder().dir() + " belongs to " + owner,
            "run the same as " + owner);
      }
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not look at " + plan.folder().marker() + ": " + e, "", e);
    }
  }

  /** Those with a postmaster, or with the file of one that was killed. */
  private List<Path> dataDirectories() {
    if (!Files.isDirectory(plan.folder().databases())) {
      return List.of();
    }
    try (Stream<Path> found =
        Files.find(plan.folder().databases(), 4, (path, _) -> path.endsWith("postmaster.pid"))) {
      return found.map(file -> Objects.requireNonNull(file.getParent())).toList();
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not look into " + plan.folder().databases() + ": " + e, "", e);
    }
  }

  /**
   * Stops at once, without a checkpoint, as nobody will start it again. A postmaster that lets go
   * of its shared memory itself leaves none behind, therefore it is asked before it is killed; when
   * it does not end, or was killed before, that is found out later.
   */
  private void stop(Path data) {
    var version = host.readText(data.resolve("PG_VERSION")).orElse("").strip();
    Side side =
        version.equals(plan.newSide().version().toString()) ? plan.newSide() : plan.oldSide();
    host.as(plan.osUser())
        .attempt(
            Command.of(side.bin().resolve("pg_ctl"), "stop", "-D", data, "-m", "immediate")
                .with("-w", "-t", STOP_LIMIT.toSeconds())
                .within(STOP_LIMIT.plusSeconds(5)));
  }

  /** A System V shared memory segment. */
  private record Segment(String key, String id) {}

  /** The one of a postmaster: line 7 of its file (miscadmin.h, LOCK_FILE_LINE_SHMEM_KEY). */
  private Optional<Segment> sharedMemory(Path data) {
    return host.readText(data.resolve("postmaster.pid")).stream()
        .flatMap(text -> text.lines().skip(6).limit(1))
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length == 2)
        .map(words -> new Segment(words[0], words[1]))
        .findFirst();
  }

  /** A killed postmaster leaves its segment; it goes when nobody is attached (proc_sysvipc(5)). */
  private void removeUnused(Segment segment) {
    host.readText(Path.of("/proc/sysvipc/shm"))
        .orElse("")
        .lines()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length > 6 && words[6].equals("0"))
        .filter(words -> new Segment(words[0], words[1]).equals(segment))
        .forEach(_ -> host.attempt(Command.of("ipcrm", "-m", segment.id())));
  }
}
