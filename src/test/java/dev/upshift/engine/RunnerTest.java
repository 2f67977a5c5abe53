package dev.upshift.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.upshift.failure.WorldError;
import dev.upshift.journal.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a run does when something goes wrong, and who is served first. */
class RunnerTest {
  private final Story story = new Story();

  /** A step that does as it is told, up to the point where it is told to fail. */
  private class Awkward extends SetRegister {
    private final String register;

    Awkward(String register, String value) {
      super(story.world, register, value);
      this.register = register;
    }

    RuntimeException unreachable() {
      return new WorldError("db1", register + " cannot be reached", "is it on?");
    }
  }

  @Test
  void shouldCompleteAndWriteEachStepBeforeAndAfter() {
    assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.Completed());
    assertThat(story.journal.steps(Entry.Started.class))
        .isEqualTo(story.journal.steps(Entry.Done.class))
        .containsExactly(
            "make-slot",
            "set-identity",
            "stop-workers",
            "hold-traffic",
            "fence-old-primary",
            "prove",
            "promote",
            "admit",
            "release",
            "rebuild-standbys");
  }

  @Test
  void shouldGoBackToTheGateInTheUndoOrderWhenAStepFailsBeforeTheBorder() {
    story.proof =
        new Awkward("proof", "complete") {
          @Override
          public Nothing apply(Before before) {
            throw unreachable();
          }
        };
    var undone = undone(story.runner().run(Story.ALL));
    assertThat(undone.differences()).isEmpty();
    assertThat(undone.why()).isEqualTo("prove: db1: proof cannot be reached");
    assertThat(story.journal.steps(Entry.Undoing.class))
        .containsExactly("fence-old-primary", "hold-traffic", "prove", "stop-workers");
    assertThat(story.world.picture())
        .contains("identity=full", "old primary=serves", "workers=at work", "things [slot]");
  }

  @Test
  void shouldSayWhatIsNotAsBefore() {
    story.proof = story.neverSeen("proof", "complete");
    story.hold =
        new Awkward("names", "standby") {
          @Override
          public void undo(Before before) {}
        };
    assertThat(undone(story.runner().run(Story.ALL)).differences())
        .containsExactly("hold-traffic: was {\"value\":\"primary\"}, is {\"value\":\"standby\"}");
    assertThat(story.journal.steps(Entry.Differs.class)).containsExactly("hold-traffic");
  }

  @Test
  void shouldUndoTheOtherStepsWhenOneCannotBeUndone() {
    story.proof = story.neverSeen("proof", "complete");
    story.hold =
        new Awkward("names", "standby") {
          @Override
          public void undo(Before before) {
            throw unreachable();
          }
        };
    assertThat(undone(story.runner().run(Story.ALL)).differences())
        .containsExactly("hold-traffic: could not be undone: db1: names cannot be reached");
    assertThat(story.world.picture())
        .contains("old primary=serves", "workers=at work", "proof=none", "names=standby");
  }

  @Test
  void shouldUndoTheOtherStepsWhenAnUndoHasABug() {
    story.proof = story.neverSeen("proof", "complete");
    story.hold =
        new Awkward("names", "standby") {
          @Override
          public void undo(Before before) {
            throw new IllegalArgumentException("a bug in undo");
          }
        };
    assertThatIllegalArgumentException()
        .isThrownBy(() -> story.runner().run(Story.ALL))
        .withMessage("a bug in undo");
    assertThat(story.world.picture())
        .contains("old primary=serves", "workers=at work", "proof=none", "names=standby");
    assertThat(story.journal.steps(Entry.Undone.class)).doesNotContain("hold-traffic");
  }

  @Test
  void shouldUndoWhenTheHoldTakesLongerThanItsBudget() {
    story.proof =
        new Awkward("proof", "complete") {
          @Override
          public Nothing apply(Before before) {
            story.clock.moveOn(Story.HOLD_LIMIT.plusSeconds(1));
            return super.apply(before);
          }
        };
    var undone = undone(story.runner().run(Story.ALL));
    assertThat(undone.why()).contains("promote: not begun", "budget of 10 s");
    assertThat(undone.differences()).isEmpty();
    assertThat(story.journal.steps(Entry.Started.class)).doesNotContain("promote");
  }

  @Test
  void shouldWaitForAnEffectOnlyAsLongAsTheHoldMayLast() {
    story.proof = story.neverSeen("proof", "complete");
    var began = story.clock.now();
    var undone = undone(story.runner().run(Story.ALL));
    assertThat(undone.why())
        .isEqualTo("prove: proof is not to be seen; the write hold has used up its budget of 10 s");
    var failed =
        story.journal.entries().stream().filter(Entry.Failed.class::isInstance).findFirst();
    assertThat(Duration.between(began, failed.orElseThrow().at()))
        .isBetween(Story.HOLD_LIMIT, Story.HOLD_LIMIT.plusMillis(100));
    assertThat(story.journal.steps(Entry.Waiting.class)).containsExactly("prove");
  }

  @Test
  void shouldUndoAtOnceWhenResumedAfterTheBudgetHasPassed() {
    diesInTheHold();
    story.clock.moveOn(Duration.ofHours(1));
    var undone = undone(story.runner().run(Story.ALL));
    assertThat(undone.why()).contains("budget of 10 s");
    assertThat(undone.differences()).isEmpty();
    assertThat(story.world.picture()).contains("names=primary", "old primary=serves");
  }

  @Test
  void shouldBeginNothingWhereACheckRefusesBeforeTheGate() {
    var plan = story.emptyPlan();
    plan.phase("prepare");
    plan.step("refused", new Refused(), Nothing.class, Nothing.class);
    assertThat(story.runner(plan).run(Story.ALL))
        .isEqualTo(new Outcome.Blocked("refused", "it is not empty", "empty it"));
    assertThat(story.journal.steps(Entry.Started.class)).isEmpty();
    assertThat(story.journal.steps(Entry.Failed.class)).containsExactly("refused");
  }

  private static final class Refused implements Reversible<Nothing, Nothing> {
    @Override
    public String title() {
      return "Is refused";
    }

    @Override
    public Check<Nothing> check() {
      return Check.blocked("it is not empty", "empty it");
    }

    @Override
    public Nothing apply(Nothing before) {
      throw new IllegalStateException("applied all the same");
    }

    @Override
    public Verdict verify(Nothing result) {
      return Verdict.ok();
    }

    @Override
    public void undo(Nothing before) {}
  }

  @Test
  void shouldUndoWhereACheckRefusesInsideTheHold() {
    story.proof =
        new Awkward("proof", "complete") {
          @Override
          public Check<Before> check() {
            return story.world.value("names").equals("standby")
                ? Check.blocked("no proof today", "come back")
                : super.check();
          }
        };
    var undone = undone(story.runner().run(Story.ALL));
    assertThat(undone.why()).isEqualTo("prove: no proof today");
    assertThat(undone.differences()).isEmpty();
    assertThat(story.journal.steps(Entry.Started.class)).doesNotContain("prove");
  }

  @Test
  void shouldStopBetweenStepsBeforeTheGate() {
    var runner = story.runner();
    runner.stop();
    assertThat(runner.run(Story.ALL)).isEqualTo(new Outcome.Stopped("make-slot"));
    assertThat(story.world.picture()).isEqualTo(story.pictureBefore);
  }

  @Test
  void shouldGoBackToTheGateWhenStoppedInsideTheHold() {
    var runners = new ArrayList<Runner>();
    story.proof =
        new Awkward("proof", "complete") {
          @Override
          public Nothing apply(Before before) {
            runners.getFirst().stop();
            return super.apply(before);
          }
        };
    runners.add(story.runner());
    var undone = undone(runners.getFirst().run(Story.ALL));
    assertThat(undone.why()).isEqualTo("stopped by the operator before promote");
    assertThat(undone.differences()).isEmpty();
  }

  @Test
  void shouldHoldNobodyWhenStoppedWhileTheHoldIsGotReady() {
    var runners = new ArrayList<Runner>();
    story.hold =
        new Awkward("names", "standby") {
          @Override
          public void ready() {
            runners.getFirst().stop();
          }

          @Override
          public Nothing apply(Before before) {
            throw new AssertionError("held all the same");
          }
        };
    runners.add(story.runner());
    var undone = undone(runners.getFirst().run(Story.ALL));
    assertThat(undone.why()).isEqualTo("hold-traffic: nobody is held (stopped by the operator)");
    assertThat(undone.differences()).isEmpty();
    assertThat(story.journal.steps(Entry.Undone.class)).contains("hold-traffic");
  }

  @Test
  void shouldServeClientsFirstAndThenReportOurBug() {
    story.proof =
        new Awkward("proof", "complete") {
          @Override
          public Nothing apply(Before before) {
            throw new IllegalArgumentException("a bug");
          }
        };
    assertThatIllegalArgumentException()
        .isThrownBy(() -> story.runner().run(Story.ALL))
        .withMessage("a bug");
    assertThat(story.journal.steps(Entry.Undone.class))
        .containsExactly("fence-old-primary", "hold-traffic", "prove", "stop-workers");
    assertThat(story.world.picture()).contains("names=primary", "old primary=serves");
  }

  @Test
  void shouldWalkDryUpToTheFirstStepThatIsBlocked() {
    var seen = new ArrayList<String>();
    var plan = story.emptyPlan();
    plan.phase("prepare");
    plan.step(
        "make-slot",
        new MakeThing(story.world, "slot"),
        MakeThing.Before.class,
        MakeThing.Made.class);
    plan.gate("gate", "go?");
    plan.step("refused", new Refused(), Nothing.class, Nothing.class);
    plan.step("never", new Refused(), Nothing.class, Nothing.class);
    DryRun.walk(
        plan,
        new DryRun.Listener() {
          @Override
          public void line(Plan.Line line) {
            seen.add(line.id());
          }

          @Override
          public void blocked(Plan.Line line, String why, String hint) {
            seen.add(line.id() + " blocked: " + why + ": " + hint);
          }
        });
    assertThat(seen)
        .isEqualTo(
            List.of("make-slot", "gate", "refused", "refused blocked: it is not empty: empty it"));
    assertThat(story.journal.entries()).isEmpty();
  }

  private static Outcome.Undone undone(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Undone.class);
    return (Outcome.Undone) outcome;
  }

  private void diesInTheHold() {
    crashIn("fence-old-primary");
  }

  /** Runs until the process dies, right after this step's Started is in the journal. */
  private void crashIn(String step) {
    story.journal.dieAfterStarted(step);
    assertThatExceptionOfType(CrashPoints.Crash.class)
        .isThrownBy(() -> story.runner().run(Story.ALL));
  }
}
