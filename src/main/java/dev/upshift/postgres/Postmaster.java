package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Host;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The process that runs on a data directory. In a dry run it is as it would be after what was
 * shown.
 */
sealed interface Postmaster {

  boolean isRunning();

  /** Starts it, its first words going to this log, and waits until it answers. */
  void start(Path log, Deadline deadline);

  /** Stops it and waits until it is gone. */
  void stop(PgServer.Stop mode, Deadline deadline);

  /** From now on nobody brings it up but {@link #start}. */
  void keepDown();

  /** The real one. */
  record Live(String label, Host host, PgCtl.Files files, Starter starter) implements Postmaster {

    @Override
    public boolean isRunning() {
      return files.areAtWork(host);
    }

    @Override
    public void start(Path log, Deadline deadline) {
      var said = starter.start(log, deadline);
      if (!said.ok()) {
        var words = starter.lastWords(log);
        throw new WorldError(
            host.name(),
            label + " did not start" + (words.isEmpty() ? Starter.tail(said.err()) : words),
            "it was started by: " + said.command() + "; its log is there or " + log);
      }
    }

    @Override
    public void stop(PgServer.Stop mode, Deadline deadline) {
      starter.stop(mode, deadline);
    }

    @Override
    public void keepDown() {
      starter.keepDown();
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

    @Override
    public void keepDown() {
      shown.keepDown();
    }
  }
}
