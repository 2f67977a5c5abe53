package dev.upshift.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Plan;
import dev.upshift.engine.Plan.StepLine;
import dev.upshift.engine.StepLaw;
import dev.upshift.host.Witness;
import dev.upshift.run.Course;
import dev.upshift.run.Stage;
import dev.upshift.testing.LabFixture;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every step of the physical plan, on a real lab, under its law: undo is safe where apply never
 * ran; apply twice is apply once; undo brings back what check saw. The candidate is spent on the
 * way, as in an undone switch, and made again.
 */
@Tag("real")
class StepLawTest {
  /** Their undo spends the candidate: they are done once more only after it was made anew. */
  private static final Set<String> SPENDING =
      Set.of("promote-candidate", "run-pg-upgrade", "start-new-primary");

  @Test
  void shouldObeyTheLawInEveryStep() {
    try (var fixture = LabFixture.up(LabFixture.tiny())) {
      var lab = fixture.lab();
      var stage = Stage.live(lab.topology(), lab.dir().resolve("law-secret"), Witness.NONE);
      var plan = stage.plan(Course.PHYSICAL);
      var befores = forthAndBack(plan, stage);
      clearWhatIsSpent(plan, befores);
      int steps = toTheEnd(plan, befores);
      assertThat(steps).isEqualTo(plan.steps().size());
    }
  }

  /**
   * Each step up to the border under the whole law, then all of the switch undone in the plan's
   * order.
   */
  private static Map<String, Record> forthAndBack(Plan plan, Stage stage) {
    var befores = new LinkedHashMap<String, Record>();
    for (var line : plan.steps()) {
      if (!StepLaw.isReversible(line)) {
        break;
      }
      var before = StepLaw.before(line);
      befores.put(line.id(), before);
      StepLaw.undoRestores(line, before, "after an undo where apply never ran");
      StepLaw.applyIsIdempotent(line, before);
      if (!SPENDING.contains(line.id())) {
        StepLaw.undoRestores(line, before, "after undo");
        awaitCandidate(stage, line);
        StepLaw.applyIsIdempotent(line, before);
      }
    }
    for (var line : StepLaw.undoOrder(plan)) {
      StepLaw.undoRestores(
          line,
          java.util.Objects.requireNonNull(befores.get(line.id())),
          "after the undo of the whole switch");
    }
    return befores;
  }

  /**
   * A restarted primary gets its standby back after some seconds; stopped before, it would not wait
   * for it.
   */
  private static void awaitCandidate(Stage stage, StepLine<?, ?> line) {
    if (line.id().equals("fence-old-primary")) {
      var candidate = stage.cluster(Course.PHYSICAL).candidate();
      assertThat(
              Deadline.in(Duration.ofSeconds(30)).until(Duration.ofMillis(100), candidate::streams))
          .isTrue();
    }
  }

  private static void clearWhatIsSpent(Plan plan, Map<String, Record> befores) {
    for (var line : plan.steps().subList(0, 3).reversed()) {
      StepLaw.undoRestores(
          line,
          java.util.Objects.requireNonNull(befores.get(line.id())),
          "after the undo of everything");
    }
  }

  private static int toTheEnd(Plan plan, Map<String, Record> befores) {
    int steps = 0;
    for (var line : plan.steps()) {
      var before = StepLaw.before(line);
      if (befores.containsKey(line.id())) {
        assertThat(before)
            .as("%s: check at the second try", line.id())
            .isEqualTo(befores.get(line.id()));
      }
      StepLaw.applyIsIdempotent(line, before);
      steps++;
    }
    return steps;
  }
}
