package dev.upshift.cli;

import dev.upshift.engine.Outcome;
import dev.upshift.failure.InputError;
import dev.upshift.journal.Json;
import dev.upshift.report.Screen;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Upgrade.Ask;
import dev.upshift.run.WayBackStatus;
import dev.upshift.upgrade.Preflight;
import dev.upshift.upgrade.checks.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a run came to its end, as text, as JSON and as an exit code. */
final class RunOutcome {
  private RunOutcome() {}

  static ExitCode print(Console console, Ask ask, RunEnd end, Optional<String> json) {
    return switch (end) {
      case RunEnd.Refused(var answers) -> {
        print(console, answers);
        console.note("nothing was changed");
        writeJson(console, json, answers);
        yield ExitCode.BLOCKED;
      }
      case RunEnd.Walked(var outcome, var report, var wayBack) -> {
        console.note("\n" + new Screen(report).text());
        wayBack.map(WayBackStatus::text).ifPresent(console::note);
        writeJson(console, json, report.json(wayBack.map(WayBackStatus::facts).orElse(Map.of())));
        var code = tell(console, ask, outcome);
        // Undone is what was asked for, or it is what became of something else.
        yield ask == Ask.UNDO && outcome instanceof Outcome.Undone(var _, var differences)
            ? (differences.isEmpty() ? ExitCode.DONE : ExitCode.STEP_FAILED)
            : code;
      }
    };
  }

  static void print(Console console, List<Preflight.Answer> answers) {
    for (var answer : answers) {
      console.note(
          (answer.findings().isEmpty()
                  ? "  ok      "
                  : answer.passes() ? "  warning " : "  BLOCKS  ")
              + answer.title()
              + "  ("
              + answer.id()
              + ")");
      for (Finding finding : answer.findings()) {
        console.note("            " + finding.what() + "\n            HINT: " + finding.remedy());
      }
    }
  }

  private static ExitCode tell(Console console, Ask ask, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed() -> {
        if (ask == Ask.PREPARE || ask == Ask.SWITCH) {
          console.note("next: upshift " + (ask == Ask.PREPARE ? "switch" : "settle"));
        }
        yield ExitCode.DONE;
      }
      case Outcome.NoGo(var gate) -> {
        console.note(
            "nobody said go at "
                + gate
                + "; what is prepared stays. Possible now: upshift switch, upshift undo");
        yield ExitCode.NO_CONSENT;
      }
      case Outcome.Stopped(var after) -> {
        console.note("stopped before " + after + ". Possible now: upshift resume, upshift undo");
        yield ExitCode.INTERRUPTED;
      }
      case Outcome.Blocked(var step, var why, var hint) -> failed(console, step, why, hint);
      case Outcome.Failed(var step, var what, var hint) -> failed(console, step, what, hint);
      case Outcome.Undone(var why, var differences) -> {
        console.note(
            "undone, the old side serves"
                + (differences.isEmpty()
                    ? "; everything is as it was"
                    : "; NOT as it was:\n  " + String.join("\n  ", differences)));
        yield ExitCode.UNDONE;
      }
    };
  }

  private static ExitCode failed(Console console, String step, String what, String hint) {
    console.note(
        step
            + " failed: "
            + what
            + (hint.isEmpty() ? "" : "\nHINT: " + hint)
            + "\nPossible now: upshift resume, upshift undo (before the border), upshift status");
    return ExitCode.STEP_FAILED;
  }

  static void writeJson(Console console, Optional<String> where, Object what) {
    if (where.isEmpty()) {
      return;
    }
    if (where.get().equals("-")) {
      console.print(Json.pretty(what));
      return;
    }
    try {
      Files.writeString(Path.of(where.get()), Json.pretty(what) + "\n");
    } catch (IOException e) {
      throw new InputError(
          "could not write " + where.get() + ": " + e.getMessage(), "name another file for --json");
    }
  }
}
