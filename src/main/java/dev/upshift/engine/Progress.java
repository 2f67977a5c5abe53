package dev.upshift.engine;

import dev.upshift.journal.Entry;
import dev.upshift.journal.Journal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where each step stands, worked out from the journal alone. */
final class Progress {
  private final Map<String, Entry.Started> started = new HashMap<>();
  private final Map<String, Entry.Done> done = new HashMap<>();

  static Progress of(Journal journal) {
    var progress = new Progress();
    journal.entries().forEach(progress::take);
    return progress;
  }

  private void take(Entry entry) {
    switch (entry) {
      case Entry.Started e -> started.put(e.step(), e);
      case Entry.Done e -> done.put(e.step(), e);
      case Entry.Undone e -> {
        started.remove(e.step());
        done.remove(e.step());
      }
      // A step whose undo began is no longer done, whatever came of that undo.
      case Entry.Undoing e -> done.remove(e.step());
      case Entry.Began e -> {}
      case Entry.Passed e -> {}
      case Entry.Waiting e -> {}
      case Entry.Failed e -> {}
      case Entry.Differs e -> {}
      case Entry.Ended e -> {}
    }
  }

  Optional<Entry.Started> started(String step) {
    return Optional.ofNullable(started.get(step));
  }

  Optional<Entry.Done> done(String step) {
    return Optional.ofNullable(done.get(step));
  }
}
