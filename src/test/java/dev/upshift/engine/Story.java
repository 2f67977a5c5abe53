package dev.upshift.engine;

import dev.upshift.journal.Json;
import dev.upshift.testing.ManualClock;
import dev.upshift.time.Budget;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A small upgrade: a world, a journal and the plan over them. Each runner is made with a plan of
 * its own, as each process would; only world and journal outlive it.
 */
final class Story {
  static final Set<String> ALL = Set.of("prepare", "switch", "settle");
  static final Duration HOLD_LIMIT = Duration.ofSeconds(10);

  final CrashPoints crash = new CrashPoints();
  final World world =
      new World(crash)
          .with("identity", "default")
          .with("workers", "at work")
          .with("names", "primary")
          .with("old primary", "serves")
          .with("candidate", "standby")
          .with("proof", "none");
  final MemoryJournal journal = new MemoryJournal(crash);
  final ManualClock clock = new ManualClock();

  Gate gate = (id, question) -> Optional.of(new Gate.Go("a test", "at once"));

  /** The second step before the gate. */
  Reversible<SetRegister.Before, Nothing> identity = new SetRegister(world, "identity", "full");

  /** The step between fence and promotion, which stories replace to make it fail. */
  Reversible<SetRegister.Before, Nothing> proof = new SetRegister(world, "proof", "complete");

  /** What is done at the same time as that one, if anything. */
  Optional<Reversible<SetRegister.Before, Nothing>> beside = Optional.empty();

  /** The step that begins the hold. */
  Reversible<SetRegister.Before, Nothing> hold = new SetRegister(world, "names", "standby");

  /** The step after the release. */
  Forward<Nothing, Nothing> settle = new OpenRegister(world, "standbys", "rebuilt");

  /** What the first step of the newest plan found out. */
  private @Nullable Result<MakeThing.Made> slot;

  String pictureBefore = world.picture();

  Plan plan() {
    var plan = emptyPlan();
    plan.phase("prepare");
    var made =
        plan.step(
            "make-slot",
            new MakeThing(world, "slot"),
            MakeThing.Before.class,
            MakeThing.Made.class);
    slot = made;
    register(plan, "set-identity", identity);
    plan.phase("switch");
    plan.gate("gate", "go?");
    register(plan, "stop-workers", new SetRegister(world, "workers", "at rest"));
    plan.hold("hold-traffic", hold, SetRegister.Before.class, Nothing.class);
    register(plan, "fence-old-primary", new SetRegister(world, "old primary", "stopped"));
    register(plan, "prove", proof);
    beside.ifPresent(step -> {
      register(plan, "copy", step);
      plan.atOnce("prove", "copy");
    });
    register(
        plan,
        "promote",
        new SetRegister(world, "candidate", () -> "primary from slot " + made.get().number()));
    plan.border("admit", new OpenRegister(world, "fence", "open"));
    plan.release("release", new OpenRegister(world, "writes", "on"));
    plan.phase("settle");
    plan.step("rebuild-standbys", settle, Nothing.class, Nothing.class);
    plan.undoOrder(
        Stream.of("fence-old-primary", "hold-traffic", "prove", "copy", "promote", "stop-workers")
            .filter(id -> beside.isPresent() || !id.equals("copy"))
            .toArray(String[]::new));
    return plan;
  }

  /** The same upgrade in which something is done at the same time as the proof. */
  static Story withTwoAtOnce() {
    var story = new Story();
    story.world.with("copy", "none");
    story.pictureBefore = story.world.picture();
    story.beside = Optional.of(new SetRegister(story.world, "copy", "made"));
    return story;
  }

  Result<MakeThing.Made> slot() {
    return Objects.requireNonNull(slot, "a plan is made");
  }

  Plan emptyPlan() {
    return Plan.named("story", new Budget(HOLD_LIMIT, clock));
  }

  private static void register(Plan plan, String id, Reversible<SetRegister.Before, Nothing> step) {
    plan.step(id, step, SetRegister.Before.class, Nothing.class);
  }

  /** A new process's runner. */
  Runner runner() {
    return runner(plan());
  }

  Runner runner(Plan plan) {
    return new Runner(plan, journal, (id, question) -> gate.ask(id, question), clock);
  }

  /** Its journal, as it would stand in the file. */
  List<String> lines() {
    return journal.entries().stream().map(Json::line).toList();
  }

  /** A step that says it is done and shows it never. */
  Reversible<SetRegister.Before, Nothing> neverSeen(String register, String value) {
    return new SetRegister(world, register, value) {
      @Override
      public Verdict verify(Nothing result) {
        return Verdict.notYet(register + " is not to be seen");
      }
    };
  }
}
