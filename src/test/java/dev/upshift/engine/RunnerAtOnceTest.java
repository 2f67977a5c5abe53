package dev.upshift.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.upshift.failure.WorldError;
import dev.upshift.journal.Entry;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Steps that need nothing of one another are done at the same time, and fail together. */
class RunnerAtOnceTest {
  private static final long LONG_SECONDS = 20;

  private final Story story = Story.withTwoAtOnce();
  private final CountDownLatch proving = new CountDownLatch(1);
  private final CountDownLatch copying = new CountDownLatch(1);

  /** Says that it has begun, and goes on when the other one has. */
  private final class Meeting extends SetRegister {
    private final CountDownLatch mine;
    private final CountDownLatch others;

    Meeting(String register, String value, CountDownLatch mine, CountDownLatch others) {
      super(story.world, register, value);
      this.mine = mine;
      this.others = others;
    }

    @Override
    public Nothing apply(Before before) {
      mine.countDown();
      if (!met(others)) {
        throw new WorldError("db1", "the other one has not begun", "");
      }
      return super.apply(before);
    }
  }

  private static boolean met(CountDownLatch other) {
    try {
      return other.await(LONG_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Fails when the other one has begun. */
  private final class Failing extends SetRegister {
    private final RuntimeException failure;

    Failing(RuntimeException failure) {
      super(story.world, "proof", "complete");
      this.failure = failure;
    }

    @Override
    public Nothing apply(Before before) {
      assertThat(met(copying)).isTrue();
      proving.countDown();
      throw failure;
    }
  }

  private void copyingMeetsProof() {
    story.beside = Optional.of(new Meeting("copy", "made", copying, proving));
  }

  @Test
  void shouldDoThemAtTheSameTime() {
    story.proof = new Meeting("proof", "complete", proving, copying);
    copyingMeetsProof();
    assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.Completed());
    assertThat(story.world.picture()).contains("copy=made", "proof=complete");
    assertThat(story.journal.steps(Entry.Done.class))
        .containsOnlyOnce("prove", "copy")
        .containsSubsequence("prove", "promote")
        .containsSubsequence("copy", "promote");
  }

  @Test
  void shouldUndoBothWhenOneFailsAndOnlyWhenTheOtherHasEnded() {
    story.proof = new Failing(new WorldError("db1", "it is away", ""));
    copyingMeetsProof();
    var outcome = story.runner().run(Story.ALL);
    assertThat(outcome).isInstanceOf(Outcome.Undone.class);
    assertThat(((Outcome.Undone) outcome).why()).isEqualTo("prove: db1: it is away");
    assertThat(((Outcome.Undone) outcome).differences()).isEmpty();
    var entries = story.journal.entries();
    assertThat(entries.stream().takeWhile(entry -> !(entry instanceof Entry.Undoing)))
        .as("the other one had come to its end")
        .anyMatch(entry -> entry instanceof Entry.Done done && done.step().equals("copy"));
    assertThat(story.journal.steps(Entry.Undone.class)).contains("prove", "copy");
  }

  @Test
  void shouldSayWhatWentWrongWithEach() {
    story.proof = new Failing(new WorldError("db1", "it is away", ""));
    story.beside =
        Optional.of(
            new SetRegister(story.world, "copy", "made") {
              @Override
              public Nothing apply(Before before) {
                copying.countDown();
                throw new WorldError("db2", "so is this", "");
              }
            });
    assertThat(story.runner().run(Story.ALL)).isInstanceOf(Outcome.Undone.class);
    assertThat(story.journal.steps(Entry.Failed.class)).containsExactly("prove", "copy");
  }

  @Test
  void shouldAlsoSayWhatWentWrongWithTheOneThatHasNoBug() {
    story.proof = new Failing(new WorldError("db1", "it is away", ""));
    story.beside =
        Optional.of(
            new SetRegister(story.world, "copy", "made") {
              @Override
              public Nothing apply(Before before) {
                copying.countDown();
                throw new IllegalArgumentException("a bug");
              }
            });
    assertThatIllegalArgumentException().isThrownBy(() -> story.runner().run(Story.ALL));
    assertThat(story.journal.steps(Entry.Failed.class)).containsExactly("prove", "copy");
    assertThat(story.world.picture()).contains("names=primary", "copy=none");
  }

  @Test
  void shouldServeClientsAndReportABugOfOneOfThem() {
    story.proof = new Failing(new IllegalArgumentException("a bug"));
    copyingMeetsProof();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> story.runner().run(Story.ALL))
        .withMessage("a bug");
    assertThat(story.world.picture()).contains("names=primary", "copy=none");
  }

  @Test
  void shouldComeToItsEndAtTheNextTry() {
    story.proof = new Failing(new WorldError("db1", "it is away", ""));
    copyingMeetsProof();
    story.runner().run(Story.ALL);
    story.proof = new SetRegister(story.world, "proof", "complete");
    assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.Completed());
    assertThat(story.world.picture()).contains("copy=made", "proof=complete");
  }

  @Test
  void shouldRefuseWhatDoesNotStandTogether() {
    var plan = story.plan();
    assertRefused(plan, "prove", "promote");
    assertRefused(plan, "hold-traffic", "fence-old-primary");
    assertRefused(plan, "gate", "stop-workers");
    assertRefused(plan, "set-identity", "gate");
    assertRefused(plan, "nobody");
  }

  private static void assertRefused(Plan plan, String... ids) {
    assertThatIllegalArgumentException().isThrownBy(() -> plan.atOnce(ids));
  }
}
