package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A standby that a base backup is taken from. Its pg_hba.conf lets our role in for as long as that
 * lasts: our lines on the primary do not reach it.
 *
 * @param sources the addresses (CIDR) that our standbys connect from
 */
record CopySource(PgServer server, OwnRole role, List<String> sources) {
  private static final String BLOCK = "copy";
  private static final Duration RELOAD = Duration.ofSeconds(30);
  private static final Duration BEHIND = Duration.ofMinutes(10);
  private static final Duration PAUSE = Duration.ofMillis(50);

  /**
   * The base backup. No slot is named: from 10 on pg_basebackup makes one for itself, as long as it
   * runs.
   */
  Command backup(PgServer into) {
    return Command.of(
            into.program("pg_basebackup"), "--pgdata", into.data(), "--host", server.address())
        .with("--port", server.port(), "--username", role.name(), "--no-password")
        .with("--checkpoint", "fast", "--wal-method", "stream", "--progress")
        .set("PGPASSFILE", role.passfileOn(into));
  }

  /**
   * Lets our role in, when the standby has all that the primary had written by now: what the backup
   * ends with is then behind what the new slot keeps, and the primary has it all.
   *
   * @throws WorldError when the standby does not get there
   */
  void open(PgServer primary) {
    var written = Replication.current(primary);
    if (!server.shows(Deadline.in(BEHIND), PAUSE, () -> hasReplayed(written))) {
      throw new WorldError(
          server.name(),
          server.label() + " does not replay what " + primary.label() + " has written",
          "take the base backup from another standby, or from the primary (candidate.from)");
    }
    var lines =
        sources.stream()
            .map(source -> HbaFile.allow("host", "replication", role.name(), Optional.of(source)))
            .toList();
    server.writeHba(server.hba().withBlock(BLOCK, lines));
    server.reload(Deadline.in(RELOAD));
  }

  private boolean hasReplayed(Lsn written) {
    return Replication.replayed(server).filter(there -> there.minus(written) >= 0).isPresent();
  }

  /**
   * Lets it in no longer; does nothing where it is not let in. A machine that is away keeps the
   * lines, which let nobody in when the role is gone.
   */
  void close() {
    if (server.away().isEmpty() && server.exists() && server.hba().hasBlock(BLOCK)) {
      server.writeHba(server.hba().withoutBlock(BLOCK));
      if (server.isRunning()) {
        server.reload(Deadline.in(RELOAD));
      }
    }
  }
}
