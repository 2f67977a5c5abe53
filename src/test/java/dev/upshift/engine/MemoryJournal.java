package dev.upshift.engine;

import dev.upshift.journal.Entry;
import dev.upshift.journal.Journal;
import dev.upshift.journal.Json;
import java.util.ArrayList;
import java.util.List;

/** A journal that outlives the "process"; each entry goes through its text, as on disk. */
final class MemoryJournal implements Journal {
  private final List<Entry> entries = new ArrayList<>();
  private final CrashPoints crash;
  private String last = "";
  private String lastUndoing = "";

  MemoryJournal(CrashPoints crash) {
    this.crash = crash;
  }

  @Override
  public synchronized void append(Entry entry) {
    crash.pass();
    entries.add(Json.value(Json.line(entry), Entry.class));
    if (entry instanceof Entry.Started started && started.step().equals(last)) {
      last = "";
      throw new CrashPoints.Crash();
    }
    if (entry instanceof Entry.Undoing undoing && undoing.step().equals(lastUndoing)) {
      lastUndoing = "";
      throw new CrashPoints.Crash();
    }
    crash.pass();
  }

  /** The process dies when the beginning of this step's undo is in the journal. */
  void dieAfterUndoing(String step) {
    lastUndoing = step;
  }

  /** The process dies when this step's Started is in the journal. */
  void dieAfterStarted(String step) {
    last = step;
  }

  @Override
  public synchronized List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** What a journal would be that did not keep a step's Before until the step is done. */
  void forgetWhatIsNotDone() {
    var progress = Progress.of(this);
    entries.removeIf(
        entry -> entry instanceof Entry.Started started && progress.done(started.step()).isEmpty());
  }

  /** Whether {@code later} was done after {@code earlier} was done for the last time. */
  boolean lastDoneIsInPlanOrder(String earlier, String later) {
    var done = steps(Entry.Done.class);
    return done.lastIndexOf(earlier) < done.lastIndexOf(later);
  }

  /** The steps of the entries of this kind, in order. */
  List<String> steps(Class<? extends Entry> kind) {
    return entries.stream().filter(kind::isInstance).map(MemoryJournal::step).toList();
  }

  private static String step(Entry entry) {
    return switch (entry) {
      case Entry.Started e -> e.step();
      case Entry.Done e -> e.step();
      case Entry.Undoing e -> e.step();
      case Entry.Undone e -> e.step();
      case Entry.Differs e -> e.step();
      case Entry.Failed e -> e.step();
      case Entry.Waiting e -> e.step();
      case Entry.Passed e -> e.gate();
      case Entry.Began e -> e.plan();
      case Entry.Ended e -> e.result();
    };
  }
}
