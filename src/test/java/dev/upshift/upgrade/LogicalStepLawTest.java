package dev.upshift.upgrade;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Plan;
import dev.upshift.engine.StepLaw;
import dev.upshift.host.Witness;
import dev.upshift.run.Course;
import dev.upshift.run.Stage;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.SmallFleet;
import dev.upshift.topology.TopologyFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every step of the logical plan, on real servers, under its law: undo is safe where apply never
 * ran; apply twice is apply once; undo brings back what check saw. The switch is done, undone and
 * done again, as after a first try that failed.
 */
@Tag("real")
class LogicalStepLawTest {
  /**
   * What they make is one with what stands before them: it is made anew from the beginning only.
   */
  private static final Set<String> SPENDING =
      Set.of(
          "stop-candidate-at-consistent-point",
          "promote-candidate-at-lsn",
          "neutralise-candidate",
          "run-pg-upgrade",
          "subscribe");

  @Test
  void shouldObeyTheLawInEveryStep() {
    try (var fixture = LabFixture.up(LabFixture.serversOnly())) {
      var lab = fixture.lab();
      var topology = TopologyFile.read(SmallFleet.describe(lab));
      var plan =
          Stage.live(topology, lab.dir().resolve("law-secret"), Witness.NONE).plan(Course.LOGICAL);
      var befores = upToTheBorder(plan);
      for (var line : StepLaw.undoOrder(plan)) {
        StepLaw.undoRestores(
            line, requireNonNull(befores.get(line.id())), "after the undo of the whole switch");
      }
      int steps = 0;
      for (var line : plan.steps()) {
        if (!befores.containsKey(line.id())
            || StepLaw.undoOrder(plan).stream().anyMatch(undone -> undone.id().equals(line.id()))) {
          StepLaw.applyIsIdempotent(line, StepLaw.before(line));
          steps++;
        }
      }
      assertThat(steps).isGreaterThan(15);
    }
  }

  private static Map<String, Record> upToTheBorder(Plan plan) {
    var befores = new LinkedHashMap<String, Record>();
    for (var line : plan.steps()) {
      if (!StepLaw.isReversible(line)) {
        break;
      }
      var before = StepLaw.before(line);
      befores.put(line.id(), before);
      if (!SPENDING.contains(line.id())) {
        StepLaw.undoRestores(line, before, "after an undo where apply never ran");
      }
      StepLaw.applyIsIdempotent(line, before);
      if (!SPENDING.contains(line.id())) {
        StepLaw.undoRestores(line, before, "after undo");
        StepLaw.applyIsIdempotent(line, before);
      }
    }
    return befores;
  }
}
