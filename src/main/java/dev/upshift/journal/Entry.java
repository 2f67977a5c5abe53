package dev.upshift.journal;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * One line of a journal. The names of its events and fields are a file format: they are read by
 * later versions and by people.
 *
 * <p>Every entry carries the wall clock's time, for people; nothing but the age of a write hold is
 * decided by it.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Entry.Began.class, name = "began"),
  @JsonSubTypes.Type(value = Entry.Passed.class, name = "passed"),
  @JsonSubTypes.Type(value = Entry.Started.class, name = "started"),
  @JsonSubTypes.Type(value = Entry.Waiting.class, name = "waiting"),
  @JsonSubTypes.Type(value = Entry.Done.class, name = "done"),
  @JsonSubTypes.Type(value = Entry.Failed.class, name = "failed"),
  @JsonSubTypes.Type(value = Entry.Undoing.class, name = "undoing"),
  @JsonSubTypes.Type(value = Entry.Undone.class, name = "undone"),
  @JsonSubTypes.Type(value = Entry.Differs.class, name = "differs"),
  @JsonSubTypes.Type(value = Entry.Ended.class, name = "ended"),
})
public sealed interface Entry {

  /** When it was written. */
  Instant at();

  /**
   * A process took up the run.
   *
   * @param plan the plan's name
   * @param command what the operator asked for
   * @param holder who: user, host, process id
   * @param facts what a report wants to know of the cluster: names, versions
   */
  record Began(Instant at, String plan, String command, String holder, JsonNode facts)
      implements Entry {
    /** A fact that is a word; empty where there is none of that name. */
    public String fact(String name) {
      return facts.path(name).asString("");
    }
  }

  /** Somebody said go at a gate. */
  record Passed(Instant at, String gate, String who, String how) implements Entry {}

  /** A step is about to change something; {@code before} is what its undo will need. */
  record Started(Instant at, String step, String title, JsonNode before) implements Entry {}

  /** A step's effect is not visible yet. */
  record Waiting(Instant at, String step, String what) implements Entry {}

  /** A step's effect was seen in the world. */
  record Done(Instant at, String step, long millis, JsonNode result) implements Entry {
    /** The texts that its result has under a name; none where it has no such field. */
    public List<String> texts(String field) {
      return result.path(field).valueStream().map(JsonNode::asString).toList();
    }
  }

  /** A step could not begin or did not come to its end. */
  record Failed(Instant at, String step, String what, String hint) implements Entry {}

  /** What a step did is about to be taken back. */
  record Undoing(Instant at, String step, String why) implements Entry {}

  /** What a step did was taken back. */
  record Undone(Instant at, String step) implements Entry {}

  /** After its undo, a step's part of the world is not as it was before. */
  record Differs(Instant at, String step, String what) implements Entry {}

  /**
   * The run, or this process's part of it, came to an end; {@code result} is one of the stable
   * words of the JSON output.
   */
  record Ended(Instant at, String result, String what) implements Entry {}
}
