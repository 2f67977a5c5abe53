package dev.upshift.run;

import dev.upshift.engine.Outcome;
import dev.upshift.journal.Entry;
import dev.upshift.journal.Json;
import dev.upshift.topology.Topology;
import dev.upshift.upgrade.UpgradePlan;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the journal says of a run as a whole: how it began, and how it ended. */
final class RunRecord {
  private RunRecord() {}

  /** Its beginning, or that somebody went on with it. */
  static Entry began(
      Instant at, Topology topology, String plan, Course course, String command, String holder) {
    return new Entry.Began(at, plan, command, holder, Json.tree(facts(topology, plan, course)));
  }

  /** Its end, for this time. */
  static Entry ended(Instant at, Outcome outcome, Set<String> phases, Course course) {
    return new Entry.Ended(at, word(outcome, phases, course), why(outcome));
  }

  /** Whether nothing comes after these phases. */
  static boolean isLast(Set<String> phases) {
    return phases.contains(UpgradePlan.SETTLE) || phases.contains(UpgradePlan.FINISH);
  }

  private static String word(Outcome outcome, Set<String> phases, Course course) {
    return switch (outcome) {
      case Outcome.Completed() ->
          isLast(phases)
              ? course.result()
              : phases.contains(UpgradePlan.SWITCH) ? "switched" : "prepared";
      case Outcome.NoGo(var gate) -> "prepared";
      case Outcome.Stopped(var after) -> "interrupted";
      case Outcome.Blocked(var step, var why, var hint) -> "failed";
      case Outcome.Failed(var step, var what, var hint) -> "failed";
      case Outcome.Undone(var why, var differences) -> "undone";
    };
  }

  private static String why(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Completed() -> "";
      case Outcome.NoGo(var gate) -> "nobody said go";
      case Outcome.Stopped(var after) -> "stopped before " + after;
      case Outcome.Blocked(var step, var why, var hint) -> step + ": " + why;
      case Outcome.Failed(var step, var what, var hint) -> step + ": " + what;
      case Outcome.Undone(var why, var differences) -> why;
    };
  }

  private static Map<String, String> facts(Topology topology, String plan, Course course) {
    var facts = new LinkedHashMap<String, String>();
    facts.put("cluster", topology.cluster());
    facts.put("method", course.upgrades() ? plan : "logical");
    facts.put("traffic", traffic(topology));
    var versions =
        List.of(
            topology.oldCluster().version().toString(), topology.newCluster().version().toString());
    facts.put("from", course.leadsForth() ? versions.getFirst() : versions.getLast());
    facts.put("to", course.leadsForth() ? versions.getLast() : versions.getFirst());
    facts.put("wayBack", topology.wayBack().name().toLowerCase(java.util.Locale.ROOT));
    return facts;
  }

  private static String traffic(Topology topology) {
    return Stream.of(
            topology.traffic().pgbouncer().map(_ -> "pgbouncer"),
            topology.traffic().hostsFile().map(_ -> "hosts-file"),
            topology.traffic().haproxy().map(_ -> "haproxy"),
            topology.traffic().hook().map(_ -> "hook"))
        .flatMap(Optional::stream)
        .collect(Collectors.joining("+"));
  }
}
