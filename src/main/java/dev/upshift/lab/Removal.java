package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Stops everything of a lab, whatever state it is in, and removes its folder. */
final class Removal {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private final LabPlan plan;
  private final Residents residents;
  private final Host host = new LocalHost("this machine", Witness.NONE);

  Removal(LabPlan plan) {
    this.plan = plan;
    this.residents = new Residents(plan);
  }

  /**
   * Does it; may be called again after it failed.
   *
   * @throws InputError when the lab is another user's
   */
  void remove() {
    checkOwner();
    if (plan.machines().areSeparate()) {
      endHosts();
    } else {
      endServers();
    }
    host.remove(plan.folder().dir());
  }

  /** With a host ends all that runs on it, and its shared memory goes with its namespaces. */
  private void endHosts() {
    plan.machines().close();
    SeparateHosts.remove(plan.folder().separateHosts());
    residents.end(Deadline.in(STOP_LIMIT));
  }

  private void endServers() {
    var directories = dataDirectories();
    Together.run(directories.stream().<Runnable>map(data -> () -> stop(data)).toList());
    residents.end(Deadline.in(STOP_LIMIT));
    // Who stopped has removed the file; the others were killed.
    var killed = directories.stream().filter(data -> host.exists(pidFile(data))).toList();
    Together.run(killed.stream().<Runnable>map(data -> () -> releaseSharedMemory(data)).toList());
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
   * Stops at once, without a checkpoint, as nobody will start it again. Who does not end in time is
   * killed later. pg_ctl is not let wait: to it, a killed process that nobody has reaped yet lives.
   */
  private void stop(Path data) {
    long postmaster = postmaster(data);
    if (Residents.isAlive(postmaster)) {
      host.as(plan.osUser())
          .attempt(
              Command.of(program(data, "pg_ctl"), "stop", "-D", data, "-m", "immediate", "-W"));
      Deadline.in(STOP_LIMIT).until(PAUSE, () -> !Residents.isAlive(postmaster));
    }
  }

  /**
   * A postmaster that was killed leaves shared memory behind, which the next one on its data
   * directory removes before it reads anything else ("cleaning up orphaned dynamic shared memory").
   * A single-user server does so too, and ends at once, because it refuses to be a standby.
   */
  private void releaseSharedMemory(Path data) {
    var servers = host.as(plan.osUser());
    servers.remove(pidFile(data));
    servers.replaceText(data.resolve("standby.signal"), "");
    servers.attempt(Command.of(program(data, "postgres"), "--single", "-D", data, "template1"));
  }

  private Path program(Path data, String name) {
    var version = host.readText(data.resolve("PG_VERSION")).orElse("").strip();
    var side =
        version.equals(plan.newSide().version().toString()) ? plan.newSide() : plan.oldSide();
    return side.bin().resolve(name);
  }

  private static Path pidFile(Path data) {
    return data.resolve("postmaster.pid");
  }

  /** From the file's first line; 0 when there is none. */
  private long postmaster(Path data) {
    return host.readText(pidFile(data)).stream()
        .flatMap(text -> text.lines().limit(1))
        .filter(line -> line.matches("[1-9][0-9]{0,9}"))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(0);
  }
}
