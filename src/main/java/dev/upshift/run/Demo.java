package dev.upshift.run;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.journal.Entry;
import dev.upshift.lab.FleetTotals;
import dev.upshift.lab.Lab;
import dev.upshift.lab.LabOptions;
import dev.upshift.lab.Progress;
import dev.upshift.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One command, no configuration: a real cluster under load, the whole upgrade of it, the result;
 * everything removed again.
 */
public final class Demo {

  /**
   * What a demo came to.
   *
   * @param end how the upgrade ended
   * @param fleet what visitors and workers counted meanwhile
   */
  public record Shown(RunEnd end, FleetTotals fleet) {
    /** Whether it shows what a demo is to show. */
    public boolean worked() {
      return end instanceof RunEnd.Walked(Outcome.Completed(), var report, var _)
          && report.promises().isEmpty();
    }
  }

  private static final Duration CALM = Duration.ofSeconds(3);

  private final LabOptions options;
  private final Method method;
  private final Progress progress;
  private final Consumer<Entry> reader;
  private volatile Optional<Upgrade> upgrade = Optional.empty();

  /** A demo of a method in a lab of these options. */
  public Demo(LabOptions options, Method method, Progress progress, Consumer<Entry> reader) {
    this.options = options;
    this.method = method;
    this.progress = progress;
    this.reader = reader;
  }

  /** Makes the lab, and hands it to the rest of the demo. */
  public Lab lab() {
    return Lab.up(options, progress);
  }

  /**
   * Upgrades the lab under its load: some calm before, some after, so that there is something to
   * compare with.
   */
  public Shown upgrade(Lab lab) {
    Clock.system().sleep(CALM);
    Gate open = (_, _) -> Optional.of(new Gate.Go("demo", "--yes"));
    var run = new Upgrade(lab.topology(), method, open, reader).takingUntestedSource();
    upgrade = Optional.of(run);
    var end = run.run(Upgrade.Ask.UPGRADE);
    return new Shown(end, lab.fleetTotals());
  }

  /** Asks a running upgrade to stop. */
  public void stop() {
    upgrade.ifPresent(Upgrade::stop);
  }
}
