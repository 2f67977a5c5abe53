package dev.upshift.docs;

import dev.upshift.engine.Plan;
import dev.upshift.engine.Reversible;
import java.util.Map;

/** docs/steps.md and steps-logical.md: each line of a plan, and what its undo does. */
final class StepsPage {
  private static final String HEAD =
      """
      # The steps: {method}

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
          Map.entry("pause-agents", "lets those act again that acted"),
          Map.entry("stop-workers", "starts those that ran"),
          Map.entry("shrink-fleet", "gives each server its state in the load balancer back"),
          Map.entry("hold-traffic", "brings back the hosts files; edits by others stay"),
          Map.entry("stop-last-workers", "starts those that ran"),
          Map.entry(
              "fence-old-primary",
              "lets the old primary serve again: starts it, or takes the reject lines out"),
          Map.entry("prove-candidate-complete", "nothing: it only looked"),
          Map.entry(
              "promote-candidate",
              "stops the promoted copy and marks it as spent; undoing provision-candidate removes it"),
          Map.entry("run-pg-upgrade", "ends pg_upgrade and the servers that it started"),
          Map.entry("start-new-primary", "stops the new server"),
          Map.entry("set-replica-identity", "gives each table back what it had"),
          Map.entry(
              "stop-candidate-at-consistent-point", "starts it again, where it was not promoted"),
          Map.entry("guard-ddl", "takes the guard out of every database"),
          Map.entry(
              "create-publications-and-slots",
              "drops them; the bound on retained WAL is what it was"),
          Map.entry(
              "promote-candidate-at-lsn",
              "stops the promoted copy; undoing provision-candidate removes it"),
          Map.entry("neutralise-candidate", "nothing: the copy goes as a whole"),
          Map.entry("subscribe", "drops the subscriptions"),
          Map.entry("update-extensions", "nothing: the new cluster goes as a whole"),
          Map.entry("rebuild-statistics", "nothing: the new cluster goes as a whole"),
          Map.entry("catch-up", "nothing: following goes on"),
          Map.entry("leave-archive", "nothing: the candidate goes as a whole"),
          Map.entry("try-connections", "nothing: it only looked"),
          Map.entry(
              "try-logins", "nothing: entries and gap were for a moment; a killed try's go, too"),
          Map.entry("build-new-standbys", "stops and removes them, with their slots"),
          Map.entry("warm-cache", "nothing: the new cluster goes as a whole"),
          Map.entry("compare-data", "nothing: it only looked"),
          Map.entry("prepare-way-back", "drops guard, publications and slots of the way back"),
          Map.entry(
              "open-way-back",
              "lets the forward replication go on, or drops guard, publications and slots"),
          Map.entry("find-followed-databases", "nothing: it only looked"),
          Map.entry("drain-replication", "nothing: following goes on"),
          Map.entry("copy-sequences", "nothing: they are copied again the next time"));

  private StepsPage() {}

  static String of(Plan plan) {
    var text = new StringBuilder(HEAD.replace("{method}", plan.name()));
    String phase = "";
    boolean past = false;
    for (var line : plan.lines()) {
      past = past || plan.borderId().filter(line.id()::equals).isPresent();
      if (!line.phase().equals(phase)) {
        phase = line.phase();
        text.append("\n## %s\n\n| id | what | undo |\n|---|---|---|\n".formatted(phase));
      }
      text.append(
          switch (line) {
            case Plan.GateLine gate -> row("*" + gate.id() + "*", gate.question(), "");
            case Plan.StepLine<?, ?> step -> row(plan, step, past);
          });
    }
    return text.toString();
  }

  private static String row(Plan plan, Plan.StepLine<?, ?> line, boolean past) {
    boolean border = plan.borderId().filter(line.id()::equals).isPresent();
    return row(
        "`" + line.id() + "`" + (border ? " (**border**)" : ""),
        line.step().title(),
        undo(line, past));
  }

  private static String undo(Plan.StepLine<?, ?> line, boolean past) {
    var text = UNDO.get(line.id());
    if (line.step() instanceof Reversible && text == null) {
      throw new IllegalStateException("say here what undo does: " + line.id());
    }
    return past || text == null ? "none" : text;
  }

  private static String row(String id, String what, String undo) {
    return "| %s | %s | %s |\n".formatted(id, what.replace("|", "\\|"), undo);
  }
}
