package dev.upshift.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.upshift.engine.CrashPoints.Crash;
import dev.upshift.failure.InputError;
import dev.upshift.journal.Entry;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * The process dies at every call to the outside, once before and once after it had its effect; the
 * next process has only the world and the journal.
 */
class RunnerCrashTest {
  private static final int MANY = 100;

  /**
   * The first of two deaths takes every third point: of each call sometimes before, sometimes
   * after.
   */
  private static final int STRIDE = 3;

  @Test
  void shouldCompleteWhenResumedAfterADeathAtAnyPoint() {
    var expected = finished();
    int points =
        forEachPoint(
            Story::new,
            story -> story.runner().run(Story.ALL),
            story -> {
              assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.Completed());
              assertThat(story.world.picture()).isEqualTo(expected);
            });
    say("run, then resume", points);
    assertThat(points).isGreaterThan(MANY);
  }

  @Test
  void shouldBeAsBeforeWhenUndoneAfterADeathAtAnyPointBeforeTheBorder() {
    var crossed = new int[1];
    int points =
        forEachPoint(
            Story::new,
            story -> story.runner().run(Story.ALL),
            story -> {
              if (story.runner().pastBorder()) {
                crossed[0]++;
                refusesUndoAndCompletes(story);
              } else {
                undoesEverything(story);
              }
            });
    say("run, then undo", points);
    say("  of which past the border", crossed[0]);
    assertThat(points).isGreaterThan(MANY);
    assertThat(crossed[0]).isBetween(20, points / 2);
  }

  /**
   * Which of the two the process is at when it dies is never the same; what comes of it must be.
   */
  @Test
  void shouldCompleteOrBeAsBeforeWhenItDiesWhileTwoStepsAreDoneAtOnce() {
    var expected = finished(Story.withTwoAtOnce());
    int points =
        forEachPoint(
            Story::withTwoAtOnce,
            story -> story.runner().run(Story.ALL),
            story -> {
              assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.Completed());
              assertThat(story.world.picture()).isEqualTo(expected);
            });
    say("run with two at once, then resume", points);
    assertThat(points).isGreaterThan(MANY);
    points =
        forEachPoint(
            Story::withTwoAtOnce,
            story -> story.runner().run(Story.ALL),
            story -> {
              if (!story.runner().pastBorder()) {
                undoesEverything(story);
              }
            });
    say("run with two at once, then undo", points);
  }

  @Test
  void shouldCompleteWhenTheResumeDiesAtAnyPointToo() {
    var expected = finished();
    int points = pointsOfARun();
    int pairs = 0;
    for (int point = 1; point <= points; point += STRIDE) {
      int first = point;
      pairs +=
          forEachPoint(
              () -> crashedAt(first),
              story -> story.runner().run(Story.ALL),
              story -> {
                assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.Completed());
                assertThat(story.world.picture()).isEqualTo(expected);
              });
    }
    say("run, then resume, then resume", pairs);
    assertThat(pairs).isGreaterThan(points * 10);
  }

  @Test
  void shouldBeAsBeforeWhenTheUndoDiesAtAnyPointToo() {
    int pairs = 0;
    for (int point = 1; !crashedAt(point).runner().pastBorder(); point += STRIDE) {
      int first = point;
      pairs +=
          forEachPoint(
              () -> crashedAt(first),
              story -> story.runner().undo("because"),
              RunnerCrashTest::undoesEverything);
    }
    say("run, then undo, then undo", pairs);
    assertThat(pairs).isGreaterThan(MANY * 10);
  }

  /**
   * The lethal case: the old side serves again, and the proof that the candidate is complete still
   * stands in the journal as done. To go forward from there would lose what clients wrote since.
   */
  @Test
  void shouldEndAnInterruptedUndoBeforeItGoesForwardAgain() {
    var expected = finished();
    var ended = new int[1];
    int points =
        forEachPoint(
            RunnerCrashTest::beforeTheBorder,
            story -> story.runner().undo("because"),
            story -> {
              var first = story.runner().run(Story.ALL);
              if (first instanceof Outcome.Undone(var why, var differences)) {
                ended[0]++;
                assertThat(differences).isEmpty();
                assertThat(story.world.picture()).contains("old primary=serves", "proof=none");
                assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.Completed());
              } else {
                assertThat(first).isEqualTo(new Outcome.Completed());
              }
              assertThat(story.journal.lastDoneIsInPlanOrder("fence-old-primary", "prove"))
                  .isTrue();
              assertThat(numberless(story.world.picture())).isEqualTo(numberless(expected));
            });
    say("undo, then resume", points);
    say("  of which the undo was brought to its end first", ended[0]);
    assertThat(ended[0]).isBetween(20, points - 10);
  }

  @Test
  void shouldBeAsBeforeWhenAnAutomaticUndoDiedAtAnyPoint() {
    int points =
        forEachPoint(
            RunnerCrashTest::thatCannotBeProved,
            story -> story.runner().run(Story.ALL),
            story -> {
              assertThat(story.runner().run(Story.ALL)).isInstanceOf(Outcome.Undone.class);
              undoesEverything(story);
            });
    say("run with an automatic undo, then resume, then undo", points);
    assertThat(points).isGreaterThan(MANY);
  }

  /** The negative control: the matrix above convicts a journal that loses a step's Before. */
  @Test
  void shouldNoticeAJournalThatForgetsWhatWasBefore() {
    var convictions = new int[1];
    int points =
        forEachPoint(
            RunnerCrashTest::thatCannotBeProved,
            story -> story.runner().run(Story.ALL),
            story -> {
              story.journal.forgetWhatIsNotDone();
              story.runner().run(Story.ALL);
              story.runner().undo("because");
              if (!story.world.picture().equals(story.pictureBefore)) {
                convictions[0]++;
              }
            });
    say("with a journal that forgets", points);
    say("  of which left the world changed", convictions[0]);
    assertThat(convictions[0]).isPositive();
  }

  private static void undoesEverything(Story story) {
    var outcome = story.runner().undo("because");
    assertThat(outcome).isInstanceOf(Outcome.Undone.class);
    assertThat(((Outcome.Undone) outcome).differences()).isEmpty();
    assertThat(story.world.picture()).isEqualTo(story.pictureBefore);
    assertThat(story.journal.steps(Entry.Undone.class))
        .containsAll(story.journal.steps(Entry.Started.class));
    var progress = Progress.of(story.journal);
    assertThat(story.journal.steps(Entry.Started.class))
        .allMatch(step -> progress.started(step).isEmpty() && progress.done(step).isEmpty());
  }

  private static void refusesUndoAndCompletes(Story story) {
    var picture = story.world.picture();
    assertThatExceptionOfType(InputError.class).isThrownBy(() -> story.runner().undo("because"));
    assertThat(story.world.picture()).isEqualTo(picture);
    assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.Completed());
    assertThat(story.world.picture()).isEqualTo(finished());
  }

  private static Story thatCannotBeProved() {
    var story = new Story();
    story.proof = story.neverSeen("proof", "complete");
    return story;
  }

  /** Everything up to the border done, nothing undone. */
  private static Story beforeTheBorder() {
    int point = 1;
    while (!crashedAt(point).journal.steps(Entry.Done.class).contains("promote")) {
      point++;
    }
    return crashedAt(point);
  }

  private static String finished() {
    return finished(new Story());
  }

  private static String finished(Story story) {
    assertThat(story.runner().run(Story.ALL)).isEqualTo(new Outcome.Completed());
    return story.world.picture();
  }

  private static String numberless(String picture) {
    return picture.replaceAll("slot \\d+", "slot N");
  }

  private static Story crashedAt(int point) {
    var story = new Story();
    story.crash.crashAt(point);
    try {
      story.runner().run(Story.ALL);
    } catch (Crash e) {
      // this is what was asked for
    }
    story.crash.calm();
    return story;
  }

  /** Lets {@code act} die at its first call to the outside, at its second, … until it lives. */
  private static int forEachPoint(
      Supplier<Story> stories, Consumer<Story> act, Consumer<Story> after) {
    for (int point = 1; ; point++) {
      var story = stories.get();
      story.crash.crashAt(point);
      if (survived(story, act)) {
        return point - 1;
      }
      try {
        after.accept(story);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "died at point " + point + "\n" + String.join("\n", story.lines()), e);
      }
    }
  }

  private static int pointsOfARun() {
    return forEachPoint(Story::new, story -> story.runner().run(Story.ALL), story -> {});
  }

  private static boolean survived(Story story, Consumer<Story> act) {
    try {
      act.accept(story);
      return true;
    } catch (Crash e) {
      return false;
    } finally {
      story.crash.calm();
    }
  }

  private static void say(String what, int count) {
    System.out.println("crash points, " + what + ": " + count);
  }
}
