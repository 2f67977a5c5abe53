package dev.upshift.engine;

import dev.upshift.time.Budget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Lines in the order in which they are done: phases, steps, a gate. The ids are a file format,
 * stored in journals, and never change.
 *
 * <p>Three lines are special, and there is one of each in a plan that touches clients:
 * <em>hold</em> begins the time in which clients wait, <em>border</em> is the first that can let a
 * client write on the new side (there is no undo once it has started), <em>release</em> ends the
 * time in which clients wait.
 */
public final class Plan {

  /** How long a step's effect may take to show where nothing else is said. */
  static final Duration USUAL = Duration.ofMinutes(1);

  /** A line of the plan. */
  public sealed interface Line {
    /** Its id, for ever. */
    String id();

    /** The phase it stands in. */
    String phase();
  }

  /** A line that waits for somebody to say go. */
  public record GateLine(String phase, String id, String question) implements Line {}

  /** What is special about a step's line. */
  enum Mark {
    NONE,
    HOLD,
    BORDER,
    RELEASE
  }

  /**
   * A step's line.
   *
   * @param within how long its effect may take to show after apply
   */
  public record StepLine<B extends Record, R extends Record>(
      String phase,
      String id,
      Step<B, R> step,
      Class<B> beforeType,
      Class<R> resultType,
      Result<R> result,
      Duration within,
      Mark mark)
      implements Line {}

  private final String name;
  private final Budget hold;
  private final List<Line> lines = new ArrayList<>();
  private List<String> undoOrder = List.of();
  private final Map<String, Set<String>> usedUpBy = new HashMap<>();
  private final List<List<String>> atOnce = new ArrayList<>();
  private String phase = "";

  private Plan(String name, Budget hold) {
    this.name = name;
    this.hold = hold;
  }

  /** An empty plan; {@code hold} bounds the time in which its clients wait. */
  public static Plan named(String name, Budget hold) {
    return new Plan(name, hold);
  }

  /** The lines that follow belong to this phase. */
  public void phase(String name) {
    phase = name;
  }

  /** A line that waits for somebody to say go. */
  public void gate(String id, String question) {
    lines.add(new GateLine(phase, id, question));
  }

  /** A step. */
  public <B extends Record, R extends Record> Result<R> step(
      String id, Step<B, R> step, Class<B> before, Class<R> result) {
    return add(id, step, before, result, USUAL, Mark.NONE);
  }

  /** A step whose effect may take its time to show. */
  public <B extends Record, R extends Record> Result<R> step(
      String id, Step<B, R> step, Class<B> before, Class<R> result, Duration within) {
    return add(id, step, before, result, within, Mark.NONE);
  }

  /** A step that needs nothing for its undo. */
  public <R extends Record> Result<R> step(String id, Step<Nothing, R> step, Class<R> result) {
    return add(id, step, Nothing.class, result, USUAL, Mark.NONE);
  }

  /** Such a step whose effect may take its time to show. */
  public <R extends Record> Result<R> step(
      String id, Step<Nothing, R> step, Class<R> result, Duration within) {
    return add(id, step, Nothing.class, result, within, Mark.NONE);
  }

  /** A step that needs nothing for its undo and finds nothing out. */
  public void step(String id, Step<Nothing, Nothing> step) {
    add(id, step, Nothing.class, Nothing.class, USUAL, Mark.NONE);
  }

  /** Such a step whose effect may take its time to show. */
  public void step(String id, Step<Nothing, Nothing> step, Duration within) {
    add(id, step, Nothing.class, Nothing.class, within, Mark.NONE);
  }

  /** The step with which clients begin to wait. */
  public <B extends Record, R extends Record> Result<R> hold(
      String id, Step<B, R> step, Class<B> before, Class<R> result) {
    return add(id, step, before, result, USUAL, Mark.HOLD);
  }

  /** The step that lifts the fence of the new side. */
  public void border(String id, Forward<Nothing, Nothing> step) {
    add(id, step, Nothing.class, Nothing.class, USUAL, Mark.BORDER);
  }

  /** The step with which clients no longer wait. */
  public void release(String id, Forward<Nothing, Nothing> step) {
    add(id, step, Nothing.class, Nothing.class, USUAL, Mark.RELEASE);
  }

  /** The order in which the steps between gate and border are undone: clients get service first. */
  public void undoOrder(String... ids) {
    undoOrder = List.of(ids);
  }

  /**
   * Once the step {@code by} is done, the work of these earlier ones has gone into it: whether it
   * still stands by itself is not asked any more.
   */
  public void usesUp(String by, String... earlier) {
    usedUpBy.put(by, Set.of(earlier));
  }

  /**
   * These steps, which stand one after the other, need nothing of one another and are done at the
   * same time.
   *
   * @throws IllegalArgumentException when they do not stand so, or one of them begins or ends what
   *     clients feel
   */
  public void atOnce(String... ids) {
    var together = List.of(ids);
    int from = lines.stream().map(Line::id).toList().indexOf(ids[0]);
    var there = from < 0 ? List.<Line>of() : lines.subList(from, lines.size());
    var some = there.stream().limit(ids.length).toList();
    if (!some.stream().map(Line::id).toList().equals(together)
        || !some.stream().allMatch(line -> isPlainStep(line, some.getFirst().phase()))) {
      throw new IllegalArgumentException(
          "the plan " + name + " cannot do " + together + " at the same time");
    }
    atOnce.add(together);
  }

  private static boolean isPlainStep(Line line, String phase) {
    return line instanceof StepLine<?, ?> step
        && step.mark() == Mark.NONE
        && step.phase().equals(phase);
  }

  /** All lines, in order: each alone, or with those that are done at the same time. */
  List<List<Line>> stretches() {
    var stretches = new ArrayList<List<Line>>();
    for (var line : lines) {
      var group = atOnce.stream().filter(ids -> ids.contains(line.id())).findFirst();
      if (group.filter(ids -> !ids.getFirst().equals(line.id())).isPresent()) {
        stretches.getLast().add(line);
      } else {
        stretches.add(new ArrayList<>(List.of(line)));
      }
    }
    return stretches;
  }

  /** The steps whose work goes into that of other ones, by those. */
  Map<String, Set<String>> usedUpBy() {
    return usedUpBy;
  }

  private <B extends Record, R extends Record> Result<R> add(
      String id, Step<B, R> step, Class<B> before, Class<R> result, Duration within, Mark mark) {
    if (lines.stream().anyMatch(line -> line.id().equals(id))) {
      throw new IllegalArgumentException("the plan " + name + " has two lines " + id);
    }
    if (step instanceof Forward && mark != Mark.BORDER && !pastBorder()) {
      throw new IllegalArgumentException(id + " cannot be taken back and stands before the border");
    }
    var handle = new Result<R>(id);
    lines.add(new StepLine<>(phase, id, step, before, result, handle, within, mark));
    return handle;
  }

  private boolean pastBorder() {
    return steps().stream().anyMatch(line -> line.mark() == Mark.BORDER);
  }

  /** Its name. */
  public String name() {
    return name;
  }

  /** All lines, in order. */
  public List<Line> lines() {
    return List.copyOf(lines);
  }

  /** The lines that are steps, in order. */
  public List<StepLine<?, ?>> steps() {
    return stepsOf(lines);
  }

  /** Those of these lines that are steps. */
  static List<StepLine<?, ?>> stepsOf(List<Line> lines) {
    var steps = new ArrayList<StepLine<?, ?>>();
    for (var line : lines) {
      if (line instanceof StepLine<?, ?> step) {
        steps.add(step);
      }
    }
    return steps;
  }

  Budget holdBudget() {
    return hold;
  }

  /** The id of the line that begins the hold, if the plan has one. */
  public Optional<String> holdId() {
    return marked(Mark.HOLD);
  }

  /** The id of the line that is the border, if the plan has one. */
  public Optional<String> borderId() {
    return marked(Mark.BORDER);
  }

  /** The id of the line that ends the hold, if the plan has one. */
  public Optional<String> releaseId() {
    return marked(Mark.RELEASE);
  }

  private Optional<String> marked(Mark mark) {
    return steps().stream()
        .filter(line -> line.mark() == mark)
        .map(StepLine::id)
        .map(String.class::cast)
        .findFirst();
  }

  /** The steps before the gate, in order. */
  List<StepLine<?, ?>> beforeGate() {
    return steps().stream().filter(line -> indexOf(line) < gateIndex()).toList();
  }

  /** The steps between the gate and the border in the order in which they are undone. */
  List<StepLine<?, ?>> undoBackToGate() {
    var between =
        steps().stream()
            .filter(line -> indexOf(line) > gateIndex() && indexOf(line) < borderIndex())
            .toList();
    var ids = between.stream().map(StepLine::id).collect(Collectors.toSet());
    if (undoOrder.size() != ids.size() || !ids.equals(Set.copyOf(undoOrder))) {
      throw new IllegalArgumentException(
          "the undo order of "
              + name
              + " names "
              + undoOrder
              + " and not each step between gate and border once");
    }
    return undoOrder.stream().<StepLine<?, ?>>map(id -> step(between, id)).toList();
  }

  private static StepLine<?, ?> step(List<StepLine<?, ?>> lines, String id) {
    return lines.stream().filter(line -> line.id().equals(id)).findFirst().orElseThrow();
  }

  private int indexOf(Line line) {
    return lines.indexOf(line);
  }

  private int borderIndex() {
    return steps().stream()
        .filter(line -> line.mark() == Mark.BORDER)
        .map(this::indexOf)
        .findFirst()
        .orElse(lines.size());
  }

  private int gateIndex() {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i) instanceof GateLine) {
        return i;
      }
    }
    return lines.size();
  }
}
