package dev.upshift.run;

import dev.upshift.failure.InputError;
import dev.upshift.journal.Entry;
import dev.upshift.journal.Json;
import dev.upshift.topology.Topology;
import dev.upshift.upgrade.steps.CreatePublicationsAndSlots;
import dev.upshift.upgrade.steps.FollowWithOldPrimary;
import dev.upshift.upgrade.steps.Given;
import dev.upshift.upgrade.steps.PauseAgents;
import dev.upshift.upgrade.steps.PrepareWayBack;
import dev.upshift.upgrade.steps.SetReplicaIdentity;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where a cluster stands, by the runs that it has had: which version serves, and what may come
 * next.
 */
public final class Standing {
  private static final Optional<Course> ON_OLD = Optional.of(Course.SWITCH_BACK);

  private final Topology topology;
  private final List<RunFolder> runs;

  private Standing(Topology topology, List<RunFolder> runs) {
    this.topology = topology;
    this.runs = runs;
  }

  /** A cluster's standing now. */
  public static Standing of(Topology topology) {
    return new Standing(topology, RunFolder.all(topology));
  }

  /** The run that was begun last and is not finished. */
  public Optional<RunFolder> unfinished() {
    return runs.isEmpty() || runs.getLast().isFinished()
        ? Optional.empty()
        : Optional.of(runs.getLast());
  }

  /** The last run that came to its end: what serves now is its work. */
  public Optional<RunFolder> last() {
    return runs.reversed().stream().filter(RunFolder::isComplete).findFirst();
  }

  /** Whether the new version serves. */
  public boolean newServes() {
    return last()
        .flatMap(RunFolder::course)
        .filter(course -> course.leadsForth() && !course.finishes())
        .isPresent();
  }

  /** Whether the old version serves again, and the new one follows. */
  public boolean isSwitchedBack() {
    return last().flatMap(RunFolder::course).filter(Course.SWITCH_BACK::equals).isPresent();
  }

  /** The way back that the topology asked for when the run began that is not finished, or now. */
  Topology.WayBack begunWith() {
    return unfinished()
        .flatMap(run -> run.entries().stream().filter(Entry.Began.class::isInstance).findFirst())
        .map(began -> ((Entry.Began) began).fact("wayBack"))
        .flatMap(Standing::wayBack)
        .orElse(topology.wayBack());
  }

  private static Optional<Topology.WayBack> wayBack(String said) {
    return Arrays.stream(Topology.WayBack.values())
        .filter(way -> way.name().equalsIgnoreCase(said))
        .findFirst();
  }

  /**
   * What the runs since the last upgrade began have given the cluster, to be taken back one day.
   */
  Given given() {
    var given = Given.NOTHING;
    for (var run : sinceUpgrade()) {
      for (var entry : run.entries()) {
        if (entry instanceof Entry.Started started) {
          given = with(given, started, run.course());
        }
      }
    }
    return given;
  }

  private List<RunFolder> sinceUpgrade() {
    int first = 0;
    for (int i = 0; i < runs.size(); i++) {
      var run = runs.get(i);
      if (run.isComplete() && run.course().filter(Course::upgrades).isPresent()) {
        first = i;
      }
    }
    return runs.subList(first, runs.size());
  }

  private static Given with(Given given, Entry.Started started, Optional<Course> course) {
    var before = started.before();
    return switch (started.step()) {
      case "pause-agents" -> given.with(Json.value(before, PauseAgents.Acting.class));
      case "set-replica-identity" ->
          given.with(Json.value(before, SetReplicaIdentity.Before.class).tables());
      case "create-publications-and-slots" ->
          given.with(Json.value(before, CreatePublicationsAndSlots.Before.class));
      case "prepare-way-back" ->
          prepared(given, Json.value(before, PrepareWayBack.Before.class), course.equals(ON_OLD));
      // In the physical method it prepares as well; in the logical one there is nothing to note.
      case "open-way-back" ->
          course.equals(Optional.of(Course.PHYSICAL))
              ? prepared(given, Json.value(before, PrepareWayBack.Before.class), false)
              : given;
      case "follow-with-old-primary" ->
          given.with(Json.value(before, FollowWithOldPrimary.Before.class));
      default -> given;
    };
  }

  /** Slots were made on the side that was to serve. */
  private static Given prepared(Given given, PrepareWayBack.Before found, boolean onOld) {
    var with = given.with(found.tables());
    return onOld ? with.with(found.slots()) : with;
  }

  /**
   * Which course a new run takes.
   *
   * @throws InputError where what is asked for is not possible as the cluster stands
   */
  Course next(Upgrade.Ask ask, Method method) {
    return switch (ask) {
      case SWITCH_BACK -> back();
      case FINISH -> finish();
      case SWITCH -> again();
      case UPGRADE, PREPARE, SETTLE, RESUME, UNDO ->
          isSwitchedBack() ? Course.SWITCH_AGAIN : Course.of(method);
    };
  }

  private Course back() {
    if (isSwitchedBack()) {
      throw new InputError(
          "the old version of " + topology.cluster() + " serves already",
          "to the new one once more: upshift switch; for good: upshift finish");
    }
    if (!newServes()) {
      throw new InputError(
          "no upgrade of " + topology.cluster() + " is complete that could be gone back from",
          "before the switch, take it back: upshift undo");
    }
    return refuseWithout(Course.SWITCH_BACK);
  }

  private Course again() {
    if (!isSwitchedBack()) {
      throw new InputError(
          "there is no run of " + topology.cluster() + " to go on with",
          "begin one: upshift upgrade, or upshift prepare");
    }
    return Course.SWITCH_AGAIN;
  }

  private Course finish() {
    if (!newServes() && !isSwitchedBack()) {
      throw new InputError(
          "no upgrade of " + topology.cluster() + " is complete that could be finished",
          "look: upshift status");
    }
    return newServes() ? Course.FINISH_NEW : Course.FINISH_OLD;
  }

  private Course refuseWithout(Course course) {
    if (topology.wayBack() == Topology.WayBack.NONE) {
      throw new InputError(
          "there is no way back: the topology says way-back: none",
          "the old primary is as it was at the switch; every write since would be lost");
    }
    return course;
  }
}
