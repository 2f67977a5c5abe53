package dev.upshift.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.journal.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Past the border there is only going on. */
class RunnerPastBorderTest {
  private final Story story = new Story();

  @Test
  void shouldServeClientsFirstWhenStoppedPastTheBorder() {
    var runners = new ArrayList<Runner>();
    var plan = story.emptyPlan();
    plan.phase("switch");
    plan.border(
        "admit",
        new OpenRegister(story.world, "fence", "open") {
          @Override
          public Nothing apply(Nothing before) {
            runners.getFirst().stop();
            return super.apply(before);
          }
        });
    plan.step("point", new OpenRegister(story.world, "names", "new"));
    plan.release("release", new OpenRegister(story.world, "writes", "on"));
    plan.step(
        "later", new OpenRegister(story.world, "later", "done"), Nothing.class, Nothing.class);
    runners.add(story.runner(plan));
    assertThat(runners.getFirst().run(Story.ALL)).isEqualTo(new Outcome.Stopped("later"));
    assertThat(story.world.picture()).contains("writes=on").doesNotContain("later");
  }

  @Test
  void shouldRefuseToUndoPastTheBorder() {
    story.runner().run(Story.ALL);
    assertThatExceptionOfType(InputError.class)
        .isThrownBy(() -> story.runner().undo("because"))
        .withMessageContaining("the border is crossed");
  }

  @Test
  void shouldLeaveWhatIsDoneWhereItFailsPastTheBorder() {
    story.settle =
        new OpenRegister(story.world, "standbys", "rebuilt") {
          @Override
          public Nothing apply(Nothing before) {
            throw new WorldError("db2", "the disk is full", "make room");
          }
        };
    assertThat(story.runner().run(Story.ALL))
        .isEqualTo(new Outcome.Failed("rebuild-standbys", "db2: the disk is full", "make room"));
    assertThat(story.journal.steps(Entry.Undoing.class)).isEmpty();
    assertThat(story.world.picture()).contains("fence=open", "writes=on");
  }

  /** Clients wait, and there is no way but on. */
  @Test
  void shouldTryAgainPastTheBorderUntilTheClientsAreServed() {
    var tries = new int[1];
    var plan = pastTheBorder(() -> ++tries[0] < 4);
    assertThat(story.runner(plan).run(Story.ALL)).isEqualTo(new Outcome.Completed());
    assertThat(tries[0]).isEqualTo(4);
    assertThat(story.world.picture()).contains("writes=on");
    assertThat(story.journal.steps(Entry.Waiting.class)).contains("point");
  }

  @Test
  void shouldNotTryForEver() {
    var began = story.clock.now();
    assertThat(story.runner(pastTheBorder(() -> true)).run(Story.ALL))
        .isEqualTo(new Outcome.Failed("point", "web1: is away", "is it on?"));
    assertThat(Duration.between(began, story.clock.now()))
        .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30));
  }

  private Plan pastTheBorder(BooleanSupplier away) {
    var plan = story.emptyPlan();
    plan.phase("switch");
    plan.border("admit", new OpenRegister(story.world, "fence", "open"));
    plan.step(
        "point",
        new OpenRegister(story.world, "names", "new") {
          @Override
          public Nothing apply(Nothing before) {
            if (away.getAsBoolean()) {
              throw new WorldError("web1", "is away", "is it on?");
            }
            return super.apply(before);
          }
        });
    plan.release("release", new OpenRegister(story.world, "writes", "on"));
    return plan;
  }

  /** Whoever resumes hours later must find the old side as closed as who began. */
  @Test
  void shouldCheckTheBorderAgainWhenResumedThere() {
    var broken = new boolean[1];
    var admit =
        new OpenRegister(story.world, "fence", "open") {
          @Override
          public Check<Nothing> check() {
            return broken[0]
                ? Check.blocked("the old side serves again", "hold it back")
                : super.check();
          }
        };
    story.journal.dieAfterStarted("admit");
    assertThatExceptionOfType(CrashPoints.Crash.class)
        .isThrownBy(() -> story.runner(onlyBorder(admit)).run(Story.ALL));
    broken[0] = true;
    assertThat(story.runner(onlyBorder(admit)).run(Story.ALL))
        .isEqualTo(new Outcome.Blocked("admit", "the old side serves again", "hold it back"));
    assertThat(story.world.picture()).doesNotContain("fence=open");
    broken[0] = false;
    assertThat(story.runner(onlyBorder(admit)).run(Story.ALL)).isEqualTo(new Outcome.Completed());
  }

  private Plan onlyBorder(Forward<Nothing, Nothing> admit) {
    var plan = story.emptyPlan();
    plan.phase("switch");
    plan.border("admit", admit);
    plan.release("release", new OpenRegister(story.world, "writes", "on"));
    return plan;
  }
}
