package dev.upshift.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.upshift.failure.WorldError;
import dev.upshift.journal.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is looked at and asked at the gate, and what becomes of the preparation. */
class RunnerGateTest {
  private final Story story = new Story();

  @Test
  void shouldBeginNothingThatClientsFeelWhenTheGateSaysNo() {
    story.gate = (id, question) -> Optional.empty();
    assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.NoGo("gate"));
    assertThat(story.journal.steps(Entry.Started.class))
        .containsExactly("make-slot", "set-identity");
    assertThat(story.journal.steps(Entry.Passed.class)).isEmpty();
  }

  @Test
  void shouldAskAtTheGateAgainBeforeTheHoldAndNotInsideIt() {
    var asked = new ArrayList<String>();
    story.gate =
        (id, question) -> {
          asked.add(question);
          return Optional.of(new Gate.Go("ops", "key"));
        };
    crashIn("stop-workers");
    story.runner().run(Set.of("prepare"));
    assertThat(asked).hasSize(1);
    crashIn("fence-old-primary");
    assertThat(asked).hasSize(2);
    assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.Completed());
    assertThat(asked).hasSize(2);
    assertThat(story.journal.steps(Entry.Passed.class)).containsExactly("gate", "gate");
  }

  @Test
  void shouldRefuseTheGateWhereSomethingPreparedNoLongerStands() {
    story.runner().run(Set.of("prepare"));
    story.world.with("identity", "changed by somebody");
    assertThat(story.runner().run(Set.of("switch")))
        .asInstanceOf(type(Outcome.Blocked.class))
        .extracting(Outcome.Blocked::step)
        .isEqualTo("set-identity");
    assertThat(story.journal.steps(Entry.Started.class)).doesNotContain("stop-workers");
  }

  @Test
  void shouldRefuseAPhaseWhereAnEarlierOneIsNotDone() {
    assertThat(story.runner().run(Set.of("switch")))
        .asInstanceOf(type(Outcome.Blocked.class))
        .extracting(Outcome.Blocked::step)
        .isEqualTo("make-slot");
    assertThat(story.runner().run(Set.of("settle"))).isInstanceOf(Outcome.Blocked.class);
    assertThat(story.world.picture()).isEqualTo(story.pictureBefore);
  }

  @Test
  void shouldClearAwayAPreparedStepThatTheFailedSwitchHasSpent() {
    story.proof = story.neverSeen("proof", "complete");
    story.hold =
        new SetRegister(story.world, "names", "standby") {
          @Override
          public Nothing apply(Before before) {
            story.world.with("identity", "spent");
            return super.apply(before);
          }
        };
    var undone = (Outcome.Undone) story.runner().run(Story.ALL);
    assertThat(undone.differences()).isEmpty();
    assertThat(story.journal.steps(Entry.Undone.class)).endsWith("set-identity");
    assertThat(story.world.picture()).contains("identity=default", "things [slot]");

    // The switch cannot be tried again before it is prepared again.
    assertThat(story.runner().run(Set.of("switch")))
        .asInstanceOf(type(Outcome.Blocked.class))
        .extracting(Outcome.Blocked::step)
        .isEqualTo("set-identity");
  }

  @Test
  void shouldLookAgainWhenTheAnswerTookItsTime() {
    story.gate =
        (id, question) -> {
          story.clock.moveOn(Duration.ofHours(9));
          story.world.with("identity", "changed overnight");
          return Optional.of(new Gate.Go("ops", "key"));
        };
    assertThat(story.runner().run(Story.ALL))
        .asInstanceOf(type(Outcome.Blocked.class))
        .extracting(Outcome.Blocked::step)
        .isEqualTo("set-identity");
    assertThat(story.journal.steps(Entry.Started.class)).doesNotContain("stop-workers");
  }

  /** A server that does not answer for a moment is no reason to tear down days of work. */
  @Test
  void shouldKeepWhatCannotBeLookedAt() {
    var away = new boolean[1];
    story.identity =
        new SetRegister(story.world, "identity", "full") {
          @Override
          public Verdict verify(Nothing result) {
            if (away[0]) {
              throw new WorldError("db1", "does not answer", "is it on?");
            }
            return super.verify(result);
          }
        };
    story.proof =
        new SetRegister(story.world, "proof", "complete") {
          @Override
          public Nothing apply(Before before) {
            away[0] = true;
            throw new WorldError("db1", "does not answer", "is it on?");
          }
        };
    var undone = (Outcome.Undone) story.runner().run(Story.ALL);
    assertThat(undone.differences()).isEmpty();
    assertThat(story.world.picture()).contains("identity=full", "old primary=serves");
    assertThat(story.journal.steps(Entry.Undoing.class)).doesNotContain("set-identity");

    // Nothing goes on before it can be looked at.
    assertThat(story.runner().run(Set.of("switch")))
        .asInstanceOf(type(Outcome.Blocked.class))
        .extracting(Outcome.Blocked::step)
        .isEqualTo("set-identity");
  }

  @Test
  void shouldFillResultsFromTheJournalWhenResumed() {
    assertThat(story.runner().run(Set.of("prepare"))).isEqualTo(new Outcome.Completed());
    assertThat(story.runner().run(Set.of("switch"))).isEqualTo(new Outcome.Completed());
    assertThat(story.world.picture()).contains("candidate=primary from slot 101");
  }

  /** The undo asks prepared steps whether they stand, and these need what earlier ones found. */
  @Test
  void shouldKnowEarlierResultsWhenAnUndoIsResumed() {
    story.proof = story.neverSeen("proof", "complete");
    story.identity =
        new SetRegister(story.world, "identity", "full") {
          @Override
          public Verdict verify(Nothing result) {
            assertThat(story.slot().get().number()).isPositive();
            return super.verify(result);
          }
        };
    story.journal.dieAfterUndoing("hold-traffic");
    assertThatExceptionOfType(CrashPoints.Crash.class)
        .isThrownBy(() -> story.runner().run(Story.ALL));
    assertThat(story.runner().run(Story.ALL)).isInstanceOf(Outcome.Undone.class);
  }

  /** Runs until the process dies, right after this step's Started is in the journal. */
  private void crashIn(String step) {
    story.journal.dieAfterStarted(step);
    assertThatExceptionOfType(CrashPoints.Crash.class)
        .isThrownBy(() -> story.runner().run(Story.ALL));
  }
}
