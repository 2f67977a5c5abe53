package dev.upshift.postgres;

import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.Output;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** PostgreSQL's own pg_ctl, by which a server runs that nobody else looks after. */
record PgCtl(Host host, Files files) implements Starter {
  private static final Duration GRACE = Duration.ofSeconds(5);

  /**
   * What a server runs from.
   *
   * @param version its version
   * @param pgCtl the program of that version
   * @param data the data directory
   * @param config the folder of its configuration, often the same
   */
  record Files(PgVersion version, Path pgCtl, Path data, Path config) {
    private static final int PORT_LINE = 3;
    private static final int SOCKET_LINE = 4;
    private static final int STATUS_LINE = 7;

    boolean configIsApart() {
      return !config.equals(data);
    }

    /**
     * The process that works on them. As pg_ctl status looks (get_pgpid, pg_ctl.c), but without a
     * process of its own, and not taken in by another process that was given the id after a crash,
     * which leaves its file behind: a postmaster works in its data directory (ChangeToDataDir,
     * postmaster.c).
     */
    Optional<String> pid(Host host) {
      return pid(host, lock(host));
    }

    private Optional<String> pid(Host host, List<String> lock) {
      return lock.stream().findFirst().map(String::strip).filter(pid -> host.worksIn(pid, data));
    }

    /** Whether a server works on them. */
    boolean areAtWork(Host host) {
      return pid(host).isPresent();
    }

    private List<String> lock(Host host) {
      return host.readText(data.resolve("postmaster.pid")).orElse("").lines().toList();
    }

    /**
     * Whether a server answers on them, as pg_ctl looks (wait_for_postmaster_start, pg_ctl.c);
     * before 10 the file does not say.
     */
    boolean areReady(Host host) {
      var lines = lock(host);
      if (lines.size() < STATUS_LINE || pid(host, lines).isEmpty()) {
        return false;
      }
      if (!version.atLeast(10)) {
        return host.ask(
                Command.of(pgCtl.resolveSibling("pg_isready"), "-q")
                    .with("-h", lines.get(SOCKET_LINE), "-p", lines.get(PORT_LINE)))
            .ok();
      }
      return lines.size() > STATUS_LINE
          && (lines.get(STATUS_LINE).startsWith("ready")
              || lines.get(STATUS_LINE).startsWith("standby"));
    }
  }

  @Override
  public Output start(Path log, Deadline deadline) {
    var command =
        Command.of(files.pgCtl(), "start", "-D", files.data(), "-l", log)
            .with("-w", "-t", seconds(deadline));
    return host.attempt(
        (files.configIsApart() ? command.with("-o", configFile()) : command)
            .within(deadline.length().plus(GRACE)));
  }

  /** pg_ctl gives its options to a shell (start_postmaster, pg_ctl.c). */
  private String configFile() {
    var file = files.config().resolve("postgresql.conf").toString();
    return "-c config_file='" + file.replace("'", "'\\''") + "'";
  }

  @Override
  public String lastWords(Path log) {
    return Starter.tail(host.readText(log).orElse(""));
  }

  @Override
  public void stop(PgServer.Stop mode, Deadline deadline) {
    var command =
        Command.of(files.pgCtl(), "stop", "-D", files.data(), "-m", word(mode))
            .with("-w", "-t", seconds(deadline));
    host.attempt(command.within(deadline.length().plus(GRACE)))
        .orFail("a clean stop waits for its standbys; look at its log");
  }

  static String word(PgServer.Stop mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  static long seconds(Deadline deadline) {
    return Math.max(1, deadline.remaining().toSeconds());
  }
}
