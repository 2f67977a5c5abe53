package dev.upshift.report;

import dev.upshift.failure.WorldError;
import dev.upshift.journal.EffectLog;
import dev.upshift.journal.Entry;
import dev.upshift.journal.FileJournal;
import dev.upshift.journal.Json;
import dev.upshift.probe.Figures;
import dev.upshift.probe.Hold;
import dev.upshift.probe.Measurement;
import dev.upshift.probe.Window;
import dev.upshift.probe.ledger.LedgerResult;
import dev.upshift.probe.log.ProbeLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run did and what its clients felt, read from its folder.
 *
 * @param folder the run's folder
 * @param entries its journal
 * @param measurement what the probe measured, if one ran
 * @param ledger what became of the probe's writes, if they were looked for
 */
public record Report(
    Path folder,
    List<Entry> entries,
    Optional<Measurement> measurement,
    Optional<LedgerResult> ledger) {
  private static final String BEHIND = "behind";
  private static final String OUT = "out";

  /** Reads a run's folder, as it stands. */
  public static Report of(Path folder) {
    var entries = FileJournal.read(folder.resolve("journal.jsonl"));
    var timeline = Timeline.of(entries);
    return new Report(
        folder,
        entries,
        measure(folder.resolve("probe.log"), timeline.holds()),
        ledger(folder.resolve("ledger.json")));
  }

  private static Optional<Measurement> measure(Path log, List<Hold> holds) {
    if (!Files.exists(log)) {
      return Optional.empty();
    }
    try {
      var last =
          holds.isEmpty()
              ? Optional.<Window>empty()
              : Optional.of(new Window(holds.getLast().from(), holds.getLast().to()));
      return Optional.of(Measurement.of(ProbeLog.read(log), holds, last));
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not read the probe's log " + log + ": " + e.getMessage(), "", e);
    }
  }

  private static Optional<LedgerResult> ledger(Path file) {
    try {
      return Files.exists(file)
          ? Optional.of(Json.value(Files.readString(file), LedgerResult.class))
          : Optional.empty();
    } catch (IOException e) {
      throw new WorldError("this machine", "could not read " + file + ": " + e.getMessage(), "", e);
    }
  }

  /** How long writes were held at the last switch. */
  public Optional<Duration> held() {
    return lastHold().map(hold -> Duration.between(hold.from(), hold.to()));
  }

  private Optional<Instant> released() {
    return lastHold().map(Hold::to);
  }

  private Optional<Hold> lastHold() {
    var holds = Timeline.of(entries).holds();
    return holds.isEmpty() || holds.getLast().to().equals(Timeline.STILL_OPEN)
        ? Optional.empty()
        : Optional.of(holds.getLast());
  }

  /**
   * What was promised and not kept: a failed read, a write that failed for no reason of ours, a
   * write lost, doubled or invented; or that somebody measures until clients were let go. Empty is
   * what everybody hopes for.
   */
  public List<String> promises() {
    var broken = new java.util.ArrayList<String>();
    measurement
        .filter(m -> m.reads().errors() > 0)
        .ifPresent(m -> broken.add(m.reads().errors() + " reads failed"));
    measurement
        .filter(m -> m.writes().unexplained() > 0)
        .ifPresent(
            m -> broken.add(m.writes().unexplained() + " writes failed for no reason of ours"));
    measurement
        .flatMap(Measurement::lastSign)
        .filter(sign -> released().filter(sign::isBefore).isPresent())
        .ifPresent(sign ->
            broken.add(
                "the probe ended at " + sign + ", before clients were let go: see probe.out"));
    ledger
        .filter(checked -> !checked.clean())
        .ifPresent(checked -> broken.add("the ledger is not clean"));
    return broken;
  }

  /** The steps as they stand. */
  List<Timeline.Line> steps() {
    return Timeline.of(entries).steps();
  }

  /** The last word of the run, in the words that programs rely on. */
  public String result() {
    return last(Entry.Ended.class).map(Entry.Ended::result).orElse("unfinished");
  }

  /**
   * Whether a way leads back from what this run has come to: open, none or closed. It is open once
   * the side that was left follows.
   */
  String wayBack() {
    var done =
        entries.stream()
            .filter(Entry.Done.class::isInstance)
            .map(entry -> ((Entry.Done) entry).step())
            .toList();
    if (done.contains("close-way-back")) {
      return "closed";
    }
    return fact("wayBack").equals("open") && done.contains("follow-with-old-primary")
        ? "open"
        : "none";
  }

  /** Why it ended so, for people. */
  String why() {
    return last(Entry.Ended.class).map(Entry.Ended::what).orElse("");
  }

  /** A fact of the run's beginning. */
  String fact(String name) {
    return last(Entry.Began.class).map(began -> began.fact(name)).orElse("");
  }

  private <E extends Entry> Optional<E> last(Class<E> type) {
    return entries.reversed().stream().filter(type::isInstance).map(type::cast).findFirst();
  }

  /** How long pg_upgrade itself took; 0 where it did not run to its end. */
  long pgUpgradeMillis() {
    return entries.stream()
        .filter(entry -> entry instanceof Entry.Done done && done.step().equals("run-pg-upgrade"))
        .map(entry -> ((Entry.Done) entry).result().path("pgUpgradeMillis").asLong(0))
        .reduce(0L, (first, second) -> second);
  }

  /**
   * What is left for people to see to, by its word: what a finish tells, the servers that could not
   * be led the last time, and those that stay out of the load balancer.
   */
  Map<String, List<String>> left() {
    var left = new LinkedHashMap<String, List<String>>();
    for (var entry : entries) {
      if (entry instanceof Entry.Done done) {
        if (done.step().equals("remove-leftovers")) {
          List.of("pending", "needed", "idle").forEach(word -> left.put(word, done.texts(word)));
        }
        if (done.step().equals("restore-fleet") && !done.texts(OUT).isEmpty()) {
          left.put(OUT, done.texts(OUT));
        }
        if (done.result().has(BEHIND)) {
          left.put(BEHIND, done.texts(BEHIND));
        }
      }
    }
    left.computeIfPresent(BEHIND, (_, servers) -> servers.isEmpty() ? null : servers);
    return left;
  }

  /** What {@code --json} writes: the stable form that other programs rely on. */
  public JsonNode json() {
    return json(Map.of());
  }

  /** The same with these facts besides, or in place of its own. */
  public JsonNode json(Map<String, Object> more) {
    var json = new LinkedHashMap<String, Object>();
    json.put("result", result());
    json.put("why", why());
    json.put("cluster", fact("cluster"));
    json.put("run", folder.getFileName() + "");
    json.put("method", fact("method"));
    json.put("traffic", fact("traffic"));
    json.put("wayBack", wayBack());
    json.put("from", Map.of("version", fact("from")));
    json.put("to", Map.of("version", fact("to")));
    json.put("heldMillis", held().map(Duration::toMillis).orElse(0L));
    measurement.ifPresent(measured -> {
      json.put("reads", figures(measured.reads()));
      json.put("writes", writes(measured.writes()));
      json.put("unmeasuredMillis", measured.unmeasuredMillis());
    });
    json.put("pgUpgradeMillis", pgUpgradeMillis());
    json.put("steps", stepsJson());
    json.put(
        "differences",
        entries.stream()
            .filter(Entry.Differs.class::isInstance)
            .map(Entry.Differs.class::cast)
            .map(d -> d.step() + ": " + d.what())
            .toList());
    if (!left().isEmpty()) {
      json.put("left", left());
    }
    json.putAll(more);
    return Json.tree(json);
  }

  private JsonNode writes(Figures figures) {
    var json = (ObjectNode) figures(figures);
    ledger.ifPresent(checked -> {
      json.put("lost", checked.lost());
      json.put("duplicated", checked.duplicated());
      json.put("invented", checked.invented());
      json.put("unknown", checked.unknown());
    });
    return json;
  }

  /** The figures, with the switch's own under the word that programs look for. */
  private static JsonNode figures(Figures figures) {
    var json = (ObjectNode) Json.tree(figures);
    json.set("switch", json.remove("inSwitch"));
    return json;
  }

  private List<Map<String, Object>> stepsJson() {
    var effects = EffectLog.effects(folder.resolve("effects.jsonl"));
    return steps().stream()
        .map(step -> {
          Map<String, Object> json = new LinkedHashMap<>();
          json.put("id", step.id());
          json.put("title", step.title());
          json.put("host", hosts(step, effects));
          json.put("startedAt", step.startedAt());
          json.put("millis", step.millis());
          json.put("state", step.state());
          return json;
        })
        .toList();
  }

  /** Where a step changed something. */
  private static String hosts(Timeline.Line step, List<EffectLog.Effect> effects) {
    var hosts = new TreeSet<String>();
    for (var effect : effects) {
      if (!effect.at().isBefore(step.startedAt())
          && !effect.at().isAfter(step.endedAt().orElse(Timeline.STILL_OPEN))) {
        hosts.add(effect.host());
      }
    }
    return String.join(",", hosts);
  }
}
