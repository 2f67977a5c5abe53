package dev.upshift.run;

import dev.upshift.engine.DryRun;
import dev.upshift.engine.Plan;
import dev.upshift.failure.WorldError;
import dev.upshift.journal.Entry;
import dev.upshift.topology.Topology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an upgrade would do, found out by doing it with collaborators that only show it: the very
 * commands, files and statements of each step. Nothing is changed.
 */
public final class Planning {

  /** One effect: where, and what as an operator would type it. */
  public record Shown(String host, String what) {}

  /**
   * A line of the plan.
   *
   * @param took how long the step took in this cluster's last run, if there was one
   */
  public record Line(
      String phase, String id, String title, Optional<Duration> took, List<Shown> effects) {}

  /**
   * A plan.
   *
   * @param blocked what keeps it from being shown further, or from being done now
   */
  public record Shape(String method, List<Line> lines, Optional<String> blocked) {}

  private final Topology topology;
  private final List<Line> lines = new ArrayList<>();
  private final ShownEffects effects = new ShownEffects();
  private Optional<String> blocked = Optional.empty();

  public Planning(Topology topology) {
    this.topology = topology;
  }

  /**
   * The plan of what is asked for, as the cluster stands.
   *
   * @throws dev.upshift.failure.InputError where that is not possible now
   */
  public Shape of(Upgrade.Ask ask, Method method) {
    var standing = Standing.of(topology);
    var course = standing.next(ask, method);
    try {
      var folder = Files.createTempDirectory("upshift-plan");
      try {
        return of(course, standing, folder);
      } finally {
        Files.deleteIfExists(folder.resolve("password"));
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not use a temporary folder: " + e.getMessage(), "", e);
    }
  }

  private Shape of(Course course, Standing standing, Path folder) {
    var stage = Stage.dry(topology, folder.resolve("password"), effects);
    var plan = stage.plan(course, standing);
    var took = took();
    DryRun.walk(
        plan,
        new DryRun.Listener() {
          @Override
          public void line(Plan.Line line) {
            lines.add(
                new Line(
                    line.phase(),
                    line.id(),
                    title(line),
                    Optional.ofNullable(took.get(line.id())),
                    effects.ofNext()));
          }

          @Override
          public void blocked(Plan.Line line, String why, String hint) {
            blocked = Optional.of(line.id() + ": " + why + "\nHINT: " + hint);
          }
        });
    return new Shape(plan.name(), List.copyOf(lines), blocked);
  }

  private static String title(Plan.Line line) {
    return switch (line) {
      case Plan.GateLine gate -> gate.question();
      case Plan.StepLine<?, ?> step -> step.step().title();
    };
  }

  private Map<String, Duration> took() {
    var took = new HashMap<String, Duration>();
    RunFolder.latest(topology).map(RunFolder::entries).orElse(List.of()).stream()
        .filter(Entry.Done.class::isInstance)
        .map(Entry.Done.class::cast)
        .forEach(done -> took.put(done.step(), Duration.ofMillis(done.millis())));
    return took;
  }
}
