package dev.upshift.docs;

import dev.upshift.engine.Plan;
import dev.upshift.engine.Reversible;
import java.util.Map;

/** docs/steps.md: each line of the plan, and what its undo does. */
final class StepsPage {
  private static final String HEAD =
      """
      # The steps of the physical method

      Made from the plan (`src/main/java/dev/upshift/upgrade/UpgradePlan.java`) for the cluster in
      [topology-example.yaml](topology-example.yaml); do not edit. The ids stand in journals, in
      `--json` and in messages, and never change. Each step is one file in
      `src/main/java/dev/upshift/upgrade/steps/`. `upshift plan T` shows the commands and SQL of
      each for your cluster.

      Up to the border everything can be taken back. A failure between *gate* and *border* is undone
      by itself, back to the gate: first the old primary and the names, then the rest. `upshift undo`
      takes back everything. From the border on there is no undo: the only way is `upshift resume`.
      """;

  private static final Map<String, String> UNDO =
      Map.ofEntries(
          Map.entry(
              "create-own-role-and-schema",
              "drops the schema, the role and the pg_hba.conf lines, as far as they were not there before"),
          Map.entry(
              "create-new-cluster", "removes the new data directory and the folder beside it"),
          Map.entry(
              "provision-candidate",
              "ends the candidate, removes its data directory, drops its slot on the old primary"),
          Map.entry("stop-workers", "starts those that ran"),
          Map.entry("shrink-fleet", "gives each server its state in the load balancer back"),
          Map.entry("hold-traffic", "brings back the hosts files; edits by others stay"),
          Map.entry("stop-last-workers", "starts those that ran"),
          Map.entry("fence-old-primary", "starts the old primary"),
          Map.entry("prove-candidate-complete", "nothing: it only looked"),
          Map.entry(
              "promote-candidate",
              "stops the promoted copy and marks it as spent; undoing provision-candidate removes it"),
          Map.entry("run-pg-upgrade", "ends pg_upgrade and the servers that it started"),
          Map.entry("start-new-primary", "stops the new server"));

  private StepsPage() {}

  static String of(Plan plan) {
    var text = new StringBuilder(HEAD);
    String phase = "";
    for (var line : plan.lines()) {
      if (!line.phase().equals(phase)) {
        phase = line.phase();
        text.append("\n## %s\n\n| id | what | undo |\n|---|---|---|\n".formatted(phase));
      }
      text.append(
          switch (line) {
            case Plan.GateLine gate -> row("*" + gate.id() + "*", gate.question(), "");
            case Plan.StepLine<?, ?> step -> row(plan, step);
          });
    }
    return text.toString();
  }

  private static String row(Plan plan, Plan.StepLine<?, ?> line) {
    boolean border = plan.borderId().filter(line.id()::equals).isPresent();
    return row(
        "`" + line.id() + "`" + (border ? " (**border**)" : ""), line.step().title(), undo(line));
  }

  private static String undo(Plan.StepLine<?, ?> line) {
    var text = UNDO.get(line.id());
    if (line.step() instanceof Reversible != (text != null)) {
      throw new IllegalStateException(
          "say here what undo does, or that there is none: " + line.id());
    }
    return text == null ? "none" : text;
  }

  private static String row(String id, String what, String undo) {
    return "| %s | %s | %s |\n".formatted(id, what.replace("|", "\\|"), undo);
  }
}
