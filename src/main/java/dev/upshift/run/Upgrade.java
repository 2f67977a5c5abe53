package dev.upshift.run;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.engine.Plan;
import dev.upshift.engine.Runner;
import dev.upshift.failure.InputError;
import dev.upshift.host.Witness;
import dev.upshift.journal.EffectLog;
import dev.upshift.journal.Entry;
import dev.upshift.journal.FileJournal;
import dev.upshift.journal.RunLock;
import dev.upshift.postgres.PgServer;
import dev.upshift.report.Report;
import dev.upshift.time.Clock;
import dev.upshift.topology.Topology;
import dev.upshift.upgrade.Preflight;
import dev.upshift.upgrade.UpgradePlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The commands that walk a plan: upgrade, prepare, switch, settle, resume, undo. One process at a
 * time works on a cluster.
 */
public final class Upgrade {

  /** What the operator asks for. */
  public enum Ask {
    UPGRADE(Set.of(UpgradePlan.PREPARE, UpgradePlan.SWITCH, UpgradePlan.SETTLE)),
    PREPARE(Set.of(UpgradePlan.PREPARE)),
    /** What an undone switch has used up is prepared again first. */
    SWITCH(Set.of(UpgradePlan.PREPARE, UpgradePlan.SWITCH)),
    SETTLE(Set.of(UpgradePlan.SETTLE)),
    /** To the old version, with every write. */
    SWITCH_BACK(Set.of(UpgradePlan.PREPARE, UpgradePlan.SWITCH, UpgradePlan.SETTLE)),
    /** The way back is closed. */
    FINISH(Set.of(UpgradePlan.FINISH)),
    RESUME(Set.of()),
    UNDO(Set.of());

    @SuppressWarnings("ImmutableEnumChecker") // made of Set.of only
    private final Set<String> phases;

    Ask(Set<String> phases) {
      this.phases = phases;
    }

    private String word() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    private static Ask of(String word) {
      return valueOf(word.toUpperCase(java.util.Locale.ROOT).replace('-', '_'));
    }
  }

  private final Topology topology;
  private final Method method;
  private final Gate gate;
  private final Consumer<Entry> reader;
  private final Refusals refusals;
  private final Clock clock = Clock.system();
  private volatile Optional<Runner> running = Optional.empty();
  private boolean takesUntestedSource;

  /**
   * Work on a cluster.
   *
   * @param method how it is upgraded; a run that was begun goes on as it was begun
   * @param reader sees each journal entry after it is on disk
   */
  public Upgrade(Topology topology, Method method, Gate gate, Consumer<Entry> reader) {
    this.topology = topology;
    this.method = method;
    this.gate = gate;
    this.reader = reader;
    this.refusals = new Refusals(topology);
  }

  /** The same, also from a version from which nobody has upgraded with it yet. */
  public Upgrade takingUntestedSource() {
    takesUntestedSource = true;
    return this;
  }

  /** Asks the run to stop after the effect that is under way. */
  public void stop() {
    running.ifPresent(Runner::stop);
  }

  /** Looks at everything that must be so before an upgrade begins; changes nothing. */
  public List<Preflight.Answer> check() {
    return check(Ask.UPGRADE, Standing.of(topology));
  }

  private List<Preflight.Answer> check(Ask ask, Standing standing) {
    if (standing.unfinished().isPresent()) {
      return List.of(refusals.unfinished(standing.unfinished().get()));
    }
    var course = standing.next(ask, method);
    if (course.upgrades() && !takesUntestedSource && refusals.untestedSource().isPresent()) {
      return List.of(refusals.untestedSource().get());
    }
    var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
    stage.connect();
    // Somebody else's candidate must not be taken for a folder that is in the way.
    new HostLocks(List.of(stage.oldPrimary(), stage.candidate()), "no run").refuseOthers();
    return course.upgrades() && standing.newServes() && stage.newPrimary().isRunning()
        ? List.of(refusals.upgradedAlready(standing.last().orElseThrow(), stage.newPrimary()))
        : stage.preflight(course).look();
  }

  /**
   * Does what is asked.
   *
   * @throws InputError when another process or another run is in the way, or there is no run to go
   *     on with
   */
  public RunEnd run(Ask ask) {
    var lockFile = RunFolder.stateOf(topology).resolve("lock");
    try (var _ = RunLock.take(lockFile, Machine.holder())) {
      var standing = Standing.of(topology);
      return switch (ask) {
        case UPGRADE, PREPARE, SWITCH_BACK, FINISH -> begin(ask, standing);
        case SWITCH ->
            standing.isSwitchedBack() && standing.unfinished().isEmpty()
                ? begin(ask, standing)
                : goOn(ask, standing.unfinished());
        case SETTLE, RESUME, UNDO -> goOn(ask, standing.unfinished());
      };
    }
  }

  private RunEnd begin(Ask ask, Standing standing) {
    var unfinished = standing.unfinished();
    if (unfinished.isPresent()) {
      throw new InputError(
          "run "
              + unfinished.get().number()
              + " of "
              + topology.cluster()
              + " is not finished ("
              + unfinished.get().folder()
              + ")",
          "go on with it: upshift resume; or take it back: upshift undo");
    }
    var course = standing.next(ask, method);
    var answers = check(ask, standing);
    if (!answers.stream().allMatch(Preflight.Answer::passes)) {
      return new RunEnd.Refused(answers);
    }
    var folder =
        course.upgrades()
            ? RunFolder.next(topology)
            : RunFolder.after(standing.last().orElseThrow(), topology);
    return walk(ask, ask.phases, course, folder);
  }

  private RunEnd goOn(Ask ask, Optional<RunFolder> unfinished) {
    var folder =
        unfinished.orElseThrow(() ->
            new InputError(
                "there is no run of " + topology.cluster() + " to go on with",
                "begin one: upshift upgrade, or upshift prepare"));
    var phases = ask == Ask.RESUME ? phasesOf(folder) : ask.phases;
    return walk(ask, phases, folder.course().orElseGet(() -> Course.of(method)), folder);
  }

  /** What a run was last asked for, so that resume goes as far as that. */
  private static Set<String> phasesOf(RunFolder folder) {
    return folder.entries().stream()
        .filter(Entry.Began.class::isInstance)
        .map(entry -> Ask.of(((Entry.Began) entry).command()).phases)
        .filter(phases -> !phases.isEmpty())
        .reduce(Ask.UPGRADE.phases, (first, second) -> second);
  }

  private RunEnd walk(Ask ask, Set<String> phases, Course course, RunFolder folder) {
    try (var journal = FileJournal.open(folder.journal());
        var effects = new EffectLog(folder.effects())) {
      journal.tell(reader);
      var stage = Stage.live(topology, folder.secret(), effects::append);
      stage.connect();
      var plan = stage.plan(course, Standing.of(topology));
      var runner = new Runner(plan, journal, gate, clock);
      running = Optional.of(runner);
      refuseWhatIsOutOfOrder(ask, plan, folder);
      var locks = new HostLocks(List.of(stage.oldPrimary(), stage.candidate()), holderOf(folder));
      locks.refuseOthers();
      journal.append(
          RunRecord.began(
              clock.now(), topology, plan.name(), course, ask.word(), Machine.holder()));
      locks.take(
          Machine.holder(),
          journal.entries().stream().filter(Entry.Began.class::isInstance).count());
      var probing =
          topology
              .probe()
              .map(probe -> new Probing(topology, probe, folder))
              .filter(probe ->
                  !course.finishes()
                      && (course.upgrades()
                          || probe.everRan()
                          || probe.hasTables(stage.left(course))));
      var outcome = walk(ask, phases, course, runner, probing, stage);
      finish(ask, phases, course, outcome, journal, locks, probing, stage);
      var wayBack =
          outcome instanceof Outcome.Completed && RunRecord.isLast(phases)
              ? WayBackStatus.of(topology)
              : Optional.<WayBackStatus>empty();
      return new RunEnd.Walked(outcome, Report.of(folder.folder()), wayBack);
    }
  }

  private void refuseWhatIsOutOfOrder(Ask ask, Plan plan, RunFolder folder) {
    var done =
        folder.entries().stream()
            .filter(Entry.Done.class::isInstance)
            .map(entry -> ((Entry.Done) entry).step())
            .toList();
    boolean concerned =
        ask.phases.isEmpty()
            || plan.lines().stream().anyMatch(line -> ask.phases.contains(line.phase()));
    if (!concerned) {
      throw new InputError(
          "run " + folder.number() + " is a " + plan.name() + " and has no part of " + ask.word(),
          "go on with it: upshift resume");
    }
    if (ask == Ask.SETTLE && !plan.releaseId().map(done::contains).orElse(true)) {
      throw new InputError(
          "run " + folder.number() + " has not switched yet", "first: upshift switch");
    }
  }

  private Outcome walk(
      Ask ask,
      Set<String> phases,
      Course course,
      Runner runner,
      Optional<Probing> probing,
      Stage stage) {
    if (ask == Ask.UNDO) {
      return runner.undo("the operator's wish");
    }
    if (course.upgrades()
        && phases.contains(UpgradePlan.PREPARE)
        && !runner.pastBorder()
        && !runner.hasHeld()) {
      // Before anything is copied: later, the copy would not have them.
      probing.ifPresent(probe -> probe.makeTables(stage.oldPrimary()));
    }
    if (phases.contains(UpgradePlan.SWITCH)) {
      // Once clients may be held, they do not wait for somebody who only measures.
      probing.ifPresent(runner.hasHeld() ? Probing::begin : Probing::ensureRunning);
    }
    return runner.run(phases);
  }

  /**
   * Says how it ended; where nothing is left to do, ends the probe, looks for every write of it and
   * lets go of the hosts.
   */
  private void finish(
      Ask ask,
      Set<String> phases,
      Course course,
      Outcome outcome,
      FileJournal journal,
      HostLocks locks,
      Optional<Probing> probing,
      Stage stage) {
    boolean complete = outcome instanceof Outcome.Completed && RunRecord.isLast(phases);
    boolean undone = ask == Ask.UNDO && outcome instanceof Outcome.Undone;
    if (complete || undone) {
      PgServer serving = complete ? stage.serving(course) : stage.left(course);
      probing.ifPresent(Probing::stop);
      // A process that died after the tables were dropped had looked into them.
      probing
          .filter(probe -> probe.everRan() && !(undone && probe.isLedgerChecked()))
          .ifPresent(probe -> probe.checkLedger(serving));
      if (undone) {
        probing.filter(Probing::hasMadeTables).ifPresent(probe -> probe.dropTables(serving));
      }
      locks.release();
    }
    journal.append(RunRecord.ended(clock.now(), outcome, phases, course));
  }

  private static String holderOf(RunFolder folder) {
    return "run " + folder.number() + " of " + Machine.name() + ":" + folder.folder();
  }
}
