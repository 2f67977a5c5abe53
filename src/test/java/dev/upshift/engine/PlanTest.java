package dev.upshift.engine;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

/** A plan that could not be kept is refused before anything is done by it. */
class PlanTest {
  private final Story story = new Story();
  private final Plan plan = story.emptyPlan();

  @Test
  void shouldRefuseAStepThatCannotBeTakenBackBeforeTheBorder() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan.step("early", open("a"), Nothing.class, Nothing.class))
        .withMessage("early cannot be taken back and stands before the border");
  }

  @Test
  void shouldTakeAStepThatCannotBeTakenBackPastTheBorder() {
    plan.border("admit", open("a"));
    assertThatCode(() -> plan.step("late", open("b"), Nothing.class, Nothing.class))
        .doesNotThrowAnyException();
  }

  @Test
  void shouldRefuseTwoLinesOfOneId() {
    set("a");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> set("a"))
        .withMessage("the plan story has two lines a");
  }

  @Test
  void shouldRefuseAnUndoOrderThatMissesAStepBeforeAnythingRuns() {
    plan.gate("gate", "go?");
    set("a");
    set("b");
    plan.undoOrder("a");
    assertRefused();
    plan.undoOrder("a", "a");
    assertRefused();
    plan.undoOrder("a", "b", "c");
    assertRefused();
    plan.undoOrder("b", "a");
    assertThatCode(() -> story.runner(plan)).doesNotThrowAnyException();
  }

  @Test
  void shouldNotWantAnOrderForTheStepsBeforeTheGateOrPastTheBorder() {
    set("a");
    plan.gate("gate", "go?");
    plan.border("admit", open("b"));
    plan.step("late", open("c"), Nothing.class, Nothing.class);
    assertThatCode(() -> story.runner(plan)).doesNotThrowAnyException();
  }

  private void assertRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> story.runner(plan))
        .withMessageContaining("the undo order of story");
  }

  private void set(String register) {
    plan.step(
        register,
        new SetRegister(story.world, register, "x"),
        SetRegister.Before.class,
        Nothing.class);
  }

  private OpenRegister open(String register) {
    return new OpenRegister(story.world, register, "open");
  }

  @Test
  void shouldCallItABugToAskForAResultTooEarly() {
    var result =
        new Story()
            .emptyPlan()
            .step(
                "make-slot",
                new MakeThing(new Story().world, "slot"),
                MakeThing.Before.class,
                MakeThing.Made.class);
    assertThatIllegalStateException()
        .isThrownBy(result::get)
        .withMessage("the result of make-slot was asked for before it was done");
  }
}
