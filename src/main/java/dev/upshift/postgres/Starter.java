package dev.upshift.postgres;

import dev.upshift.host.Host;
import dev.upshift.host.Output;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology.Server;
import dev.upshift.topology.Topology.Service;
import java.nio.file.Path;

/**
 * What starts and stops the process that runs on a data directory. A server that is looked after by
 * somebody is started and stopped by him: he would otherwise bring up again what we have stopped,
 * or not know what we have started.
 */
sealed interface Starter permits PgCtl, PgCtlCluster, SystemdUnit {

  /**
   * Starts it and waits until it answers, as far as the program used waits for that.
   *
   * @param log its first words, where nobody else keeps them
   */
  Output start(Path log, Deadline deadline);

  /** What was said when it did not start, for people; may be empty. */
  String lastWords(Path log);

  /** Stops it and waits until it is gone. */
  void stop(PgServer.Stop mode, Deadline deadline);

  /** From now on nobody brings it up but {@link #start}, until the machine comes up anew. */
  default void keepDown() {}

  /**
   * From now on it comes up with its machine, where something is there to see to that; what
   * start.conf says of it was changed before.
   */
  default void comeUpWithMachine() {}

  /** Whether nothing is known that keeps it from coming up with its machine. */
  default boolean mayComeUp() {
    return true;
  }

  /** From now on it does not come up with its machine. */
  default void stayDownWithMachine() {}

  /**
   * The one that a topology names.
   *
   * @param host the machine, as the user that owns the data directory
   */
  static Starter of(Service service, Host host, PgCtl.Files files, Server server) {
    var own = new PgCtl(host, files);
    return switch (service) {
      case Service.PgCtl() -> own;
      case Service.PgCtlCluster(String name) -> new PgCtlCluster(host, files, name);
      case Service.Systemd unit -> new SystemdUnit(host, unit.on(server), own);
    };
  }

  /** The last lines of a text, each on a line of its own below what stands before. */
  static String tail(String text) {
    var lines = text.lines().filter(line -> !line.isBlank()).toList();
    var last = lines.subList(Math.max(0, lines.size() - 8), lines.size());
    return last.isEmpty() ? "" : ":\n  " + String.join("\n  ", last);
  }
}
