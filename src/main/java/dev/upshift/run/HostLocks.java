package dev.upshift.run;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.postgres.PgServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A file on both database hosts that says whose run this is: a second laptop, with a state folder
 * of its own, is refused there. The epoch grows each time a process takes the run up. One of the
 * hosts may be away, or lost for good, which must not keep anybody from going back or on: then the
 * other one says it alone.
 */
final class HostLocks {
  private final List<PgServer> servers;
  private final String run;

  /**
   * The locks beside the data directories of these servers.
   *
   * @param run which run it is: the machine, the state folder and the number
   */
  HostLocks(List<PgServer> servers, String run) {
    this.servers = List.copyOf(servers);
    this.run = run;
  }

  /**
   * Looks whether they are free, or this run's own.
   *
   * @throws InputError naming the holder, when another run has one of them
   */
  void refuseOthers() {
    for (var server : there()) {
      var other = text(server).filter(text -> !text.startsWith(run + "\n"));
      if (other.isPresent()) {
        throw new InputError(
            server.name()
                + ": another run works on this cluster: "
                + String.join(", ", other.get().lines().toList()),
            "finish or undo it where it was begun; if that machine is lost, remove "
                + file(server)
                + " on "
                + server.name());
      }
    }
  }

  /** Those that can be reached; the first failure where none can. */
  private List<PgServer> there() {
    var failures = new ArrayList<WorldError>();
    var there = new ArrayList<PgServer>();
    for (var server : servers) {
      try {
        var _ = text(server);
        there.add(server);
      } catch (WorldError e) {
        failures.add(e);
      }
    }
    if (there.isEmpty()) {
      throw failures.getFirst();
    }
    return there;
  }

  /** Takes them. */
  void take(String holder, long epoch) {
    for (var server : there()) {
      server.host().makeFolder(folder(server));
      server
          .host()
          .replaceText(file(server), run + "\nepoch " + epoch + ", held by " + holder + "\n");
    }
  }

  /** Lets go of them, where they are this run's. */
  void release() {
    there().stream()
        .filter(server -> text(server).filter(text -> text.startsWith(run + "\n")).isPresent())
        .forEach(server -> {
          server.host().remove(file(server));
          if (server.host().list(folder(server)).isEmpty()) {
            server.host().remove(folder(server));
          }
        });
  }

  private static Optional<String> text(PgServer server) {
    return server.host().readText(file(server));
  }

  private static Path file(PgServer server) {
    return folder(server).resolve("." + server.data().getFileName() + ".upshift-run");
  }

  private static Path folder(PgServer server) {
    return Objects.requireNonNull(
        server.data().getParent(), "a data directory is not the root folder");
  }
}
