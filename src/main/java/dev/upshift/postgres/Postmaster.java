package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * The process that runs on a data directory, by pg_ctl. In a dry run it is as it would be after
 * what was shown.
 */
sealed interface Postmaster {

  boolean isRunning();

  /** Starts it, its first words going to this log, and waits until it answers. */
  void start(Path log, Deadline deadline);

  /** Stops it and waits until it is gone. */
  void stop(PgServer.Stop mode, Deadline deadline);

  /** The real one. */
  record Live(String label, Host host, Path pgCtl, Path data) implements Postmaster {
    private static final Duration GRACE = Duration.ofSeconds(5);

    @Override
    public boolean isRunning() {
      // As pg_ctl status looks (get_pgpid, pg_ctl.c), but without a process of its own, and not
      // taken
      // in by another process that was given the id after a crash: a postmaster works in its data
      // directory (ChangeToDataDir, postmaster.c).
      var pidFile = host.readText(data.resolve("postmaster.pid")).orElse("");
      return host.worksIn(pidFile.lines().findFirst().orElse("").strip(), data);
    }

    @Override
    public void start(Path log, Deadline deadline) {
      var command =
          Command.of(pgCtl, "start", "-D", data, "-l", log, "-w", "-t", seconds(deadline));
      if (!host.attempt(command.within(deadline.length().plus(GRACE))).ok()) {
        throw new WorldError(
            host.name(), label + " did not start" + tail(log), "its log is " + log);
      }
    }

    private String tail(Path log) {
      var lines = host.readText(log).orElse("").lines().toList();
      var last = lines.subList(Math.max(0, lines.size() - 8), lines.size());
      return last.isEmpty() ? "" : ":\n  " + String.join("\n  ", last);
    }

    @Override
    public void stop(PgServer.Stop mode, Deadline deadline) {
      var word = mode.name().toLowerCase(Locale.ROOT);
      var command =
          Command.of(pgCtl, "stop", "-D", data, "-m", word, "-w", "-t", seconds(deadline));
      host.attempt(command.within(deadline.length().plus(GRACE)))
          .orFail("a clean stop waits for its standbys; look at its log");
    }

    private static long seconds(Deadline deadline) {
      return Math.max(1, deadline.remaining().toSeconds());
    }
  }

  /**
   * One that is only told of; it shows the same commands, through the dry host that the live one
   * was given.
   */
  final class Dry implements Postmaster {
    private final Live shown;
    private Optional<Boolean> running = Optional.empty();

    Dry(Live shown) {
      this.shown = shown;
    }

    @Override
    public boolean isRunning() {
      return running.orElseGet(shown::isRunning);
    }

    @Override
    public void start(Path log, Deadline deadline) {
      shown.start(log, deadline);
      running = Optional.of(true);
    }

    @Override
    public void stop(PgServer.Stop mode, Deadline deadline) {
      shown.stop(mode, deadline);
      running = Optional.of(false);
    }
  }
}
