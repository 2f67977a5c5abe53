package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.JobState;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * {@code pg_upgrade --link} from a promoted, stopped candidate to the new cluster on the same host.
 * It runs detached: our death does not end it, and a repeated call finds it running or done. Killed
 * itself, it is repairable until the new cluster has been used (safety.md §2.3): servers that it
 * left running are stopped, pg_control.old gets its name back, the new cluster is made afresh.
 */
public final class PgUpgrade {
  private static final Pattern FILE = Pattern.compile("/[^\\s\"']+\\.(?:txt|log)");
  private static final Duration STARTS_AND_STOPS = Duration.ofSeconds(15);
  private static final Duration EACH_OBJECT = Duration.ofMillis(5);
  private static final String OBJECTS =
      "SELECT (SELECT count(*) FROM pg_class WHERE oid >= 16384) + (SELECT count(*) FROM pg_proc WHERE oid >= 16384) + (SELECT count(*) FROM pg_type WHERE oid >= 16384)";
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
  private final PgServer candidate;
  private final NewCluster cluster;
  private final OwnRole role;
  private final int jobs;

  /**
   * An upgrade of the candidate's data directory into the new cluster.
   *
   * @param jobs how many databases and tablespaces are worked on at once
   */
  public PgUpgrade(PgServer candidate, NewCluster cluster, OwnRole role, int jobs) {
    this.candidate = candidate;
    this.cluster = cluster;
    this.role = role;
    this.jobs = jobs;
  }

  /**
   * Whether it was ever begun on these folders: then neither the copy nor the new cluster is as it
   * was made.
   */
  public boolean wasBegun() {
    return !(state() instanceof JobState.NotStarted);
  }

  /**
   * How long writes will be held about it, guessed generously: it dumps and restores every object
   * of the catalogs (5 ms each are three times what was measured on two busy cores), links files,
   * and starts and stops servers.
   */
  public Duration expected() {
    long objects = 0;
    for (var database : Databases.namesOf(candidate)) {
      try (var session = candidate.connect(database)) {
        objects += Long.parseLong(session.value(OBJECTS).orElse("0"));
      }
    }
    return STARTS_AND_STOPS.plus(EACH_OBJECT.multipliedBy(objects));
  }

  /** Starts it if it does not run and was not done, repairing first what a killed one left. */
  public void begin() {
    if (isBroken()) {
      repair();
    }
    role.writePassfile(cluster.server(), cluster.adminPassword());
    cluster.server().host().launch(job(), command());
  }

  /**
   * Waits for its end.
   *
   * @throws WorldError with the end of its output, when it failed or was not done in time (it is
   *     killed then)
   */
  public void await(Deadline deadline) {
    var host = cluster.server().host();
    switch (host.await(job(), deadline)) {
      case JobState.Ended(int exit) when exit == 0 -> {}
      case JobState.Running() -> {
        kill();
        throw new WorldError(
            host.name(),
            "pg_upgrade was not done within " + deadline.length().toSeconds() + " s",
            "");
      }
      case JobState.Ended(int exit) -> throw failed(host.name(), "failed with exit code " + exit);
      case JobState.Lost() -> throw failed(host.name(), "was killed");
      case JobState.NotStarted() -> throw failed(host.name(), "was not started");
    }
  }

  private WorldError failed(String where, String what) {
    var said = said();
    return new WorldError(
        where,
        "pg_upgrade " + what + ":" + said + named(said),
        "mend what it names, then try again");
  }

  /**
   * The end of each file that it points at: an undo will have removed them when somebody comes to
   * look.
   */
  private String named(String said) {
    var ends = new StringBuilder();
    for (var file : FILE.matcher(said).results().map(MatchResult::group).distinct().toList()) {
      var lines = cluster.server().host().readText(Path.of(file)).orElse("").lines().toList();
      ends.append("\n  ").append(file).append(":");
      lines
          .subList(Math.max(0, lines.size() - 10), lines.size())
          .forEach(line -> ends.append("\n    ").append(line));
    }
    return ends.toString();
  }

  /** Whether it ended well. */
  public boolean isDone() {
    return state() instanceof JobState.Ended(int exit) && exit == 0;
  }

  /** Ends it and every server that it started. */
  public void kill() {
    cluster.server().host().kill(job(), STOP_LIMIT);
    stopStrays(PgServer.Stop.IMMEDIATE);
  }

  /**
   * Makes sure that the linked copy can never be started: once the new cluster has been used, the
   * old files would start without a complaint and be corrupt.
   */
  public void makeCopyUnstartable() {
    candidate.host().run(Command.of("rm", "-f", candidate.data().resolve("global/pg_control.old")));
  }

  /** Whether the linked copy cannot be started. */
  public boolean isCopyUnstartable() {
    var folder = candidate.data().resolve("global");
    return !candidate.host().exists(folder.resolve("pg_control"))
        && !candidate.host().exists(folder.resolve("pg_control.old"));
  }

  /** The last line that it said, for people who wait. */
  public String progress() {
    var lines =
        cluster
            .server()
            .host()
            .readText(job().resolve("out"))
            .orElse("")
            .lines()
            .filter(line -> !line.isBlank())
            .toList();
    return lines.isEmpty() ? "pg_upgrade begins" : lines.getLast().strip();
  }

  private boolean isBroken() {
    return switch (state()) {
      case JobState.NotStarted() -> false;
      case JobState.Running() -> false;
      case JobState.Ended(int exit) -> exit != 0;
      case JobState.Lost() -> true;
    };
  }

  private void repair() {
    cluster.server().host().kill(job(), STOP_LIMIT);
    // Cleanly, for pg_upgrade refuses a source that was not.
    stopStrays(PgServer.Stop.FAST);
    var renamed = candidate.data().resolve("global/pg_control.old");
    if (candidate.host().exists(renamed)) {
      candidate.host().move(renamed, candidate.data().resolve("global/pg_control"));
    }
    cluster.create();
    cluster.server().host().remove(job());
  }

  /** The servers that pg_upgrade starts are sessions of their own and survive its death. */
  private void stopStrays(PgServer.Stop mode) {
    candidate.stop(mode, Deadline.in(STOP_LIMIT));
    cluster.server().stop(mode, Deadline.in(STOP_LIMIT));
  }

  private JobState state() {
    return cluster.server().host().state(job());
  }

  private String said() {
    var host = cluster.server().host();
    var text =
        host.readText(job().resolve("out")).orElse("")
            + host.readText(job().resolve("err")).orElse("");
    var lines = text.lines().filter(line -> !line.isBlank()).toList();
    return "\n  "
        + String.join("\n  ", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
  }

  private Path job() {
    return cluster.server().workFolder().resolve("pg_upgrade");
  }

  private Command command() {
    var target = cluster.server();
    return Command.of(
            target.program("pg_upgrade"),
            "--link",
            "--jobs",
            jobs,
            "--username",
            target.admin().user())
        .with(
            "--old-bindir",
            candidate.program("pg_upgrade").getParent() + "",
            "--new-bindir",
            target.program("pg_upgrade").getParent() + "")
        .with(
            // A folder of configuration says where the data is (manual, "pg_upgrade", option -d).
            "--old-datadir",
            candidate.config(),
            "--new-datadir",
            target.config(),
            "--socketdir",
            target.workFolder())
        .set("PGPASSFILE", role.passfileOn(target));
  }

  /** How long it took, from its own folder's times; empty where it did not end. */
  public Optional<Duration> took() {
    var output =
        cluster
            .server()
            .host()
            .ask(Command.of("stat", "-c", "%.Y", job().resolve("pid"), job().resolve("exit")));
    var times = output.out().lines().map(Double::parseDouble).toList();
    return times.size() == 2
        ? Optional.of(Duration.ofMillis(Math.round((times.get(1) - times.get(0)) * 1000)))
        : Optional.empty();
  }
}
