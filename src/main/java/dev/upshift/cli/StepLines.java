package dev.upshift.cli;

import dev.upshift.journal.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Shows a run's steps as the journal gets to know them: a line for each that ended, and on a
 * terminal one that moves.
 */
final class StepLines implements Consumer<Entry>, AutoCloseable {
  private final Console console;
  private volatile String step = "";
  private volatile String detail = "";
  private volatile Instant since = Instant.EPOCH;
  private final Thread ticker;

  StepLines(Console console) {
    this.console = console;
    this.ticker = Thread.ofPlatform().daemon().name("steps").start(this::tick);
  }

  @Override
  public void accept(Entry entry) {
    switch (entry) {
      case Entry.Began e ->
          console.note("run of " + e.plan() + ", " + e.command() + ", by " + e.holder());
      case Entry.Passed e ->
          console.note("  go at " + e.gate() + ": " + e.who() + ", by " + e.how());
      case Entry.Started e -> begin(e.step(), e.title(), e.at());
      case Entry.Waiting e -> detail = e.what();
      case Entry.Done e -> {
        end("  ok     %8.2f s  %s".formatted(e.millis() / 1000.0, e.step()));
        e.texts("untried")
            .forEach(host -> console.note("                     not tried from " + host));
        e.texts("unpaused")
            .forEach(
                host -> console.note("                     no answer, so not paused: " + host));
        e.texts("stillPaused")
            .forEach(host -> console.note("                     no answer, still paused: " + host));
        e.texts("behind")
            .forEach(server -> console.note("                     left behind: " + server));
        e.texts("out")
            .forEach(server ->
                console.note("                     stays out of the balancer: " + server));
      }
      case Entry.Failed e ->
          end(
              "  FAILED             "
                  + e.step()
                  + ": "
                  + e.what()
                  + (e.hint().isEmpty() ? "" : "\n  HINT: " + e.hint()));
      case Entry.Undoing e -> begin(e.step(), "undo", e.at());
      case Entry.Undone e -> end("  undone             " + e.step());
      case Entry.Differs e -> end("  DIFFERS            " + e.step() + ": " + e.what());
      case Entry.Ended e -> end("  " + e.result() + (e.what().isEmpty() ? "" : ": " + e.what()));
    }
  }

  private void begin(String id, String title, Instant at) {
    step = id + "  " + title;
    detail = "";
    since = at;
  }

  private void end(String line) {
    step = "";
    console.status("");
    console.note(line);
  }

  private void tick() {
    while (!Thread.currentThread().isInterrupted()) {
      var now = step;
      if (!now.isEmpty()) {
        var seconds = Duration.between(since, Instant.now()).toMillis() / 1000.0;
        console.status(
            "  ...    %8.1f s  %s%s"
                .formatted(
                    seconds,
                    now,
                    detail.isEmpty() ? "" : " (" + detail.lines().findFirst().orElse("") + ")"));
      }
      java.util.concurrent.locks.LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
  }

  @Override
  public void close() {
    ticker.interrupt();
    console.status("");
  }
}
