package dev.upshift.run;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.host.Witness;
import dev.upshift.postgres.Databases.Database;
import dev.upshift.postgres.DdlGuard;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Publisher;
import dev.upshift.postgres.SchemaRecord;
import dev.upshift.postgres.Standby;
import dev.upshift.postgres.Subscriber;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The way back as it stands now.
 *
 * @param state open, none or closed
 * @param why why it is none or closed, or what is amiss with it; empty when all is well
 * @param from the server that serves
 * @param follower the server that follows it
 * @param lagBytes how far that is behind
 * @param lagMillis the same in time
 * @param retainedBytes WAL that is kept for it
 * @param boundBytes how much may be kept; -1 without a bound
 */
public record WayBackStatus(
    String state,
    String why,
    String from,
    String follower,
    long lagBytes,
    long lagMillis,
    long retainedBytes,
    long boundBytes) {
  private static final Duration PATIENCE = Duration.ofSeconds(7);
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final String BOUND =
      "SELECT CASE WHEN setting::bigint < 0 THEN -1 ELSE setting::bigint * 1024 * 1024 END FROM pg_settings WHERE name = 'max_slot_wal_keep_size'";

  /** A cluster's way back; empty before its first switch. */
  public static Optional<WayBackStatus> of(Topology topology) {
    return Standing.of(topology)
        .last()
        .flatMap(RunFolder::course)
        .map(course -> of(topology, course));
  }

  private static WayBackStatus of(Topology topology, Course course) {
    if (course.finishes()) {
      return without("closed", "upshift finish has closed it");
    }
    if (topology.wayBack() == Topology.WayBack.NONE) {
      return without("none", "the topology says way-back: none");
    }
    var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
    try {
      var cluster = stage.cluster(course);
      var follower = course.leadsForth() ? cluster.wayBack().follower() : cluster.follower();
      var standbys = course.leadsForth() ? cluster.newStandbys() : cluster.kept();
      return look(follower, standbys.stream().map(Standby::server).toList());
    } catch (WorldError | InputError e) {
      return without("open", "it cannot be looked at: " + e.getMessage());
    }
  }

  private static WayBackStatus without(String state, String why) {
    return new WayBackStatus(state, why, "", "", 0, 0, 0, 0);
  }

  private static WayBackStatus look(Subscriber follower, List<PgServer> standbys) {
    var publisher = follower.publisher();
    var databases = publisher.databases();
    var lags = databases.stream().flatMap(database -> publisher.lag(database).stream()).toList();
    var closed =
        databases.stream()
            .flatMap(database -> closed(publisher, database).stream())
            .findFirst()
            .or(() -> changed(publisher.server(), databases));
    return new WayBackStatus(
        closed.isPresent() ? "closed" : "open",
        closed.orElseGet(() -> amiss(follower, standbys, databases)),
        publisher.server().label(),
        follower.server().label(),
        lags.stream().mapToLong(Publisher.Lag::bytes).max().orElse(0),
        lags.stream().mapToLong(Publisher.Lag::millis).max().orElse(0),
        lags.stream().mapToLong(Publisher.Lag::retainedBytes).max().orElse(0),
        publisher.server().ask(BOUND).map(Long::parseLong).orElse(-1L));
  }

  private static Optional<String> closed(Publisher publisher, Database database) {
    var slot = publisher.slot(database);
    return slot.isEmpty()
        ? Optional.of("the slot of " + database.name() + " is gone")
        : slot.get().lost().map(why -> "the slot of " + database.name() + " is lost (" + why + ")");
  }

  private static Optional<String> changed(PgServer serving, List<Database> databases) {
    var changes = SchemaRecord.changes(serving, databases.stream().map(Database::name).toList());
    return changes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "the schema was changed, which was not carried: "
                + changes
                + "; taken back, the way is open again");
  }

  private static String amiss(
      Subscriber follower, List<PgServer> standbys, List<Database> databases) {
    // A worker comes up a moment after its subscription was made, or its server; before 16 the next
    // one five seconds after it (wal_retrieve_retry_interval; launcher.c, ApplyLauncherMain).
    Deadline.in(PATIENCE).until(PAUSE, () -> stuck(follower, databases).isEmpty());
    return stuck(follower, databases)
        .or(() ->
            databases.stream()
                .filter(database -> !isGuarded(follower.publisher().server(), database))
                .map(database -> "the schema of " + database.name() + " is not guarded")
                .findFirst())
        .orElseGet(() -> failover(follower.publisher(), standbys, databases));
  }

  private static Optional<String> stuck(Subscriber follower, List<Database> databases) {
    return databases.stream().flatMap(database -> follower.stuck(database).stream()).findFirst();
  }

  /** What a failover would do to it; one that keeps it is not told. */
  private static String failover(
      Publisher publisher, List<PgServer> standbys, List<Database> databases) {
    var closes = "a failover of " + publisher.server().name() + " would close it: ";
    if (!publisher.hasFailover()) {
      return closes
          + "before version 17, and where synchronized_standby_slots is set, its slots are on the primary only";
    }
    var keeping =
        standbys.stream()
            .filter(standby ->
                standby.isRunning()
                    && databases.stream().allMatch(db -> publisher.isKeptOn(standby, db)))
            .findFirst();
    return keeping.isPresent()
        ? ""
        : closes
            + "no standby keeps its slots; on one of them: ALTER SYSTEM SET sync_replication_slots = on; ALTER SYSTEM SET hot_standby_feedback = on; SELECT pg_reload_conf()";
  }

  private static boolean isGuarded(PgServer serving, Database database) {
    try (var session = serving.connect(database.name())) {
      return DdlGuard.stands(session);
    }
  }

  /** As programs read it, beside a run's report. */
  public Map<String, Object> facts() {
    return Map.of("wayBack", state, "wayBackNow", this);
  }

  /** As people read it. */
  public String text() {
    if (from.isEmpty()) {
      return "way back: " + state + " (" + why + ")";
    }
    return "way back: %s; %s follows %s, %,d bytes and %.2f s behind; %s keeps %,d MB of WAL for it%s%s"
        .formatted(
            state,
            follower,
            from,
            lagBytes,
            lagMillis / 1000.0,
            from,
            retainedBytes >> 20,
            boundBytes < 0 ? "" : " of at most %,d MB".formatted(boundBytes >> 20),
            why.isEmpty() ? "" : "\n          " + why);
  }
}
