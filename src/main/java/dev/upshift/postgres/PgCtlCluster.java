package dev.upshift.postgres;

import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.JobState;
import dev.upshift.host.Output;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Debian's pg_ctlcluster, which finds a cluster by version and name, and its configuration in
 * /etc/postgresql (pg_ctlcluster(1)). Whether it comes up with its machine stands in start.conf
 * there.
 */
record PgCtlCluster(Host host, PgCtl.Files files, String name) implements Starter {
  private static final String PROGRAM = "pg_ctlcluster";
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration GRACE = Duration.ofSeconds(5);

  /**
   * It is not waited for: it goes on trying to log in as the owner for seconds, which a fence does
   * not let it.
   */
  @Override
  public Output start(Path log, Deadline deadline) {
    var command =
        Command.of(PROGRAM, version(), name, "start", "--", "-t", PgCtl.seconds(deadline));
    var job = log.resolveSibling("pg_ctlcluster");
    host.remove(job);
    host.launch(job, command);
    if (host.onlyShows()) {
      return new Output(host.name(), command, 0, "", "");
    }
    boolean ended = deadline.until(PAUSE, () -> files.areReady(host) || hasFailed(host.state(job)));
    var said = host.readText(job.resolve("err")).orElse("");
    return new Output(host.name(), command, ended && files.areReady(host) ? 0 : 1, "", said);
  }

  private static boolean hasFailed(JobState state) {
    return switch (state) {
      case JobState.Ended(int exit) -> exit != 0;
      case JobState.Lost() -> true;
      case JobState.Running(), JobState.NotStarted() -> false;
    };
  }

  /** The folder of its configuration is called by version and name. */
  private String version() {
    return files.config().getName(files.config().getNameCount() - 2).toString();
  }

  /** It prints the end of the server's log itself. */
  @Override
  public String lastWords(Path log) {
    return "";
  }

  @Override
  public void stop(PgServer.Stop mode, Deadline deadline) {
    var command =
        Command.of(PROGRAM, "-m", PgCtl.word(mode), version(), name, "stop")
            .with("--", "-t", PgCtl.seconds(deadline));
    host.attempt(command.within(deadline.length().plus(GRACE)))
        .orFail("a clean stop waits for its standbys; look at its log");
  }
}
