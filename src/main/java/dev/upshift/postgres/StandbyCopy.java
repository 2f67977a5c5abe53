package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.Host;
import dev.upshift.host.JobState;
import dev.upshift.host.TrustedProgram;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the primary's data comes into a standby's data directory: by a base backup, or by a program
 * of the operator's that restores one. It runs detached, and a repeated call finds it.
 */
final class StandbyCopy {
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final String IDENTITY = "SELECT system_identifier::text FROM pg_control_system()";

  private final PgServer standby;
  private final PgServer primary;
  private final String source;
  private final String title;
  private final Command program;

  /** Whether the program is somebody else's: then neither it nor its result is taken on trust. */
  private final boolean foreign;

  /** Another standby that it is taken from. */
  private final Optional<CopySource> from;

  private StandbyCopy(
      PgServer standby,
      PgServer primary,
      String source,
      String title,
      Command program,
      boolean foreign,
      Optional<CopySource> from) {
    this.standby = standby;
    this.primary = primary;
    this.source = source;
    this.title = title;
    this.program = program;
    this.foreign = foreign;
    this.from = from;
  }

  /** A base backup of the running primary. */
  static StandbyCopy ofPrimary(PgServer standby, PgServer primary, String slot, OwnRole role) {
    var program =
        Command.of(
                standby.program("pg_basebackup"),
                "--pgdata",
                standby.data(),
                "--host",
                primary.address())
            .with("--port", primary.port(), "--username", role.name(), "--no-password")
            .with("--checkpoint", "fast", "--wal-method", "stream", "--slot", slot, "--progress")
            .set("PGPASSFILE", role.passfileOn(standby));
    return new StandbyCopy(
        standby,
        primary,
        primary.label(),
        "the base backup from " + primary.label(),
        program,
        false,
        Optional.empty());
  }

  /** A base backup of another standby. */
  static StandbyCopy ofStandby(PgServer standby, PgServer primary, CopySource from) {
    var label = from.server().label();
    return new StandbyCopy(
        standby,
        primary,
        label,
        "the base backup from " + label,
        from.backup(standby),
        false,
        Optional.of(from));
  }

  /** A backup that this program restores. */
  static StandbyCopy restoredBy(List<String> argv, PgServer standby, PgServer primary) {
    var program = Command.of(argv);
    return new StandbyCopy(
        standby,
        primary,
        "a backup",
        "candidate.restore ('" + program + "')",
        program,
        true,
        Optional.empty());
  }

  /** Where the data comes from, for people. */
  String source() {
    return source;
  }

  private Host host() {
    return standby.host();
  }

  /** Makes sure that nobody else may change the program. */
  void inspect() {
    if (foreign) {
      TrustedProgram.require(host(), program.argv());
    }
  }

  /** Whether what is in the data directory is the primary's. */
  boolean isOfPrimary() {
    return standby.exists()
        && primary.ask(IDENTITY).equals(Optional.of(standby.control().systemIdentifier()));
  }

  /** Makes it; does nothing where it is made. */
  void make(Deadline deadline) {
    boolean isMade = isDone() && isOfPrimary();
    if (!isMade && !(host().state(job()) instanceof JobState.Running)) {
      standby.stop(PgServer.Stop.IMMEDIATE, deadline);
      host().remove(job());
      ConfigFolder.removeWithData(standby);
    }
    if (foreign) {
      inspect();
      host().makeFolder(standby.data());
    }
    if (!isMade) {
      from.ifPresent(source -> source.open(primary));
    }
    host().launch(job(), program);
    if (host().await(job(), deadline) instanceof JobState.Running) {
      stop();
      throw new WorldError(
          standby.name(),
          title + " was not done within " + deadline.length().toMinutes() + " min",
          "");
    }
    leaveSource();
    if (!isDone()) {
      throw new WorldError(
          standby.name(), title + " failed" + said(), "what it said is in " + job());
    }
    if ((foreign || from.isPresent()) && !host().exists(received())) {
      refuseOfOther();
      AutoConf.of(standby).disown();
      host().replaceText(received(), "");
    }
  }

  /** It was looked at, and is ours from then on: what is configured later is not disowned. */
  private Path received() {
    return job().resolve("received");
  }

  /** What somebody else's program has brought may be anything. */
  private void refuseOfOther() {
    if (!host().onlyShows() && !isOfPrimary()) {
      throw new WorldError(
          standby.name(),
          title + " brought no copy of " + primary.label() + " into " + standby.data(),
          "is it the backup of another cluster?");
    }
  }

  /** Ends it, if it is still under way. */
  void stop() {
    host().kill(job(), STOP_LIMIT);
  }

  /** Takes back what it changed on a server that it was taken from. */
  void leaveSource() {
    from.ifPresent(CopySource::close);
  }

  /** Whether it is somebody else's program that makes it. */
  boolean isForeign() {
    return foreign;
  }

  private boolean isDone() {
    return host().state(job()) instanceof JobState.Ended(int exit) && exit == 0;
  }

  private String said() {
    return host().readText(job().resolve("err")).map(text -> ":\n  " + text.strip()).orElse("");
  }

  private Path job() {
    return standby.workFolder().resolve("base-backup");
  }
}
