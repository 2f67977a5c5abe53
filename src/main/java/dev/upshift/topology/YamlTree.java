package dev.upshift.topology;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads YAML 1.2 into a tree of {@link Node}s. Walks the parser's events by itself, because binding
 * straight to records reports only the first problem, and that one without its place. Anchors,
 * aliases, tags and second documents are refused: what the file says must stand where it is read.
 */
final class YamlTree {
  private static final Pattern LEADING_TAB = Pattern.compile("^ *\\t");
  private static final ScalarResolver SCALARS = new CoreSchema().getScalarResolver();
  private static final int DEEPEST = 50;

  private final Complaints complaints;
  private final Iterator<Event> events;
  private boolean trustworthy = true;
  private int depth;

  private YamlTree(Iterator<Event> events, Complaints complaints) {
    this.events = events;
    this.complaints = complaints;
  }

  /** The file's only document; empty if there is none to speak of, which was complained about. */
  static Optional<Node> parse(String text, Complaints complaints) {
    if (complainAboutTabs(text, complaints)) {
      return Optional.empty();
    }
    var settings = LoadSettings.builder().build();
    try {
      var events = new Parse(settings).parseString(text).iterator();
      return new YamlTree(events, complaints).document();
    } catch (MarkedYamlEngineException failure) {
      complainAboutSyntax(failure, complaints);
    } catch (ReaderException failure) {
      var before = text.substring(0, text.offsetByCodePoints(0, failure.getPosition()));
      complaints.add(
          Place.after(before),
          "the control character U+%04X".formatted(failure.getCodePoint()),
          "remove it");
    } catch (YamlEngineException failure) {
      complaints.add(Place.START, "this is not YAML: " + failure.getMessage(), "correct it");
    }
    return Optional.empty();
  }

  private static boolean complainAboutTabs(String text, Complaints complaints) {
    int before = complaints.count();
    var lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      var tab = LEADING_TAB.matcher(lines.get(i));
      if (tab.find()) {
        complaints.add(new Place(i + 1, tab.end()), "a tab in the indentation", "use spaces");
      }
    }
    return complaints.count() > before;
  }

  /** The parser's whole message quotes the line, where a secret could stand: leave that out. */
  private static void complainAboutSyntax(
      MarkedYamlEngineException failure, Complaints complaints) {
    var place =
        failure
            .getProblemMark()
            .or(failure::getContextMark)
            .map(YamlTree::place)
            .orElse(Place.START);
    if (failure.getProblem().contains("(TAB)")) {
      complaints.add(place, "a tab where YAML wants a space", "use spaces");
      return;
    }
    // What the parser calls a stream is a file to the operator; its advice in brackets misleads.
    var problem = failure.getProblem().replace("stream", "file").replaceAll(" ?\\(Do not.*\\)", "");
    complaints.add(
        place,
        "this is not YAML: " + problem,
        "mind the indentation, and that brackets and quotes are closed");
  }

  private Optional<Node> document() {
    next(); // the stream's start
    if (next().getEventId() == Event.ID.StreamEnd) {
      complaints.add(Place.START, "the file is empty", "begin with 'cluster:'");
      return Optional.empty();
    }
    var root = node(next());
    next(); // the document's end
    var after = next();
    if (after.getEventId() == Event.ID.DocumentStart) {
      complaints.add(place(after), "a second document begins", "keep one topology in one file");
    }
    return trustworthy ? Optional.of(root) : Optional.empty();
  }

  private Node node(Event event) {
    complainAboutReferences(event);
    if (++depth > DEEPEST) {
      complaints.add(place(event), "more than 50 levels deep", "a topology has less than ten");
      complaints.throwIfAny();
    }
    var node =
        switch (event.getEventId()) {
          case MappingStart -> mapping(place(event));
          case SequenceStart -> sequence(place(event));
          case Scalar -> scalar((ScalarEvent) event);
          default -> new Node.Scalar(place(event), Node.Type.NOTHING, "");
        };
    depth--;
    return node;
  }

  private void complainAboutReferences(Event event) {
    if (event instanceof AliasEvent) {
      // The rest would be judged by a value that is not there.
      trustworthy = false;
      complaints.add(place(event), "an alias (*) is not understood here", "write the value out");
    } else if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
      complaints.add(place(event), "an anchor (&) is not understood here", "write the value out");
    }
    var tag =
        switch (event) {
          case ScalarEvent scalar -> scalar.getTag();
          case CollectionStartEvent collection -> collection.getTag();
          default -> Optional.empty();
        };
    if (tag.isPresent()) {
      complaints.add(place(event), "a tag (!) is not understood here", "leave the tag out");
    }
  }

  private static Node.Scalar scalar(ScalarEvent event) {
    return new Node.Scalar(place(event), type(event), event.getValue());
  }

  private static Node.Type type(ScalarEvent event) {
    var tag = SCALARS.resolve(event.getValue(), event.isPlain());
    if (tag.equals(Tag.INT)) {
      return Node.Type.WHOLE;
    }
    if (tag.equals(Tag.FLOAT)) {
      return Node.Type.FRACTION;
    }
    if (tag.equals(Tag.BOOL)) {
      return Node.Type.FLAG;
    }
    return tag.equals(Tag.NULL) ? Node.Type.NOTHING : Node.Type.TEXT;
  }

  private Node.Sequence sequence(Place place) {
    List<Node> items = new ArrayList<>();
    for (var event = next(); event.getEventId() != Event.ID.SequenceEnd; event = next()) {
      items.add(node(event));
    }
    return new Node.Sequence(place, items);
  }

  private Node.Mapping mapping(Place place) {
    var entries = new LinkedHashMap<String, Node.Entry>();
    for (var event = next(); event.getEventId() != Event.ID.MappingEnd; event = next()) {
      var key = node(event);
      var value = node(next());
      if (!(key instanceof Node.Scalar scalar)) {
        complaints.add(key.place(), "a key must be text, and is " + key.kind(), "write a word");
        continue;
      }
      var earlier = entries.putIfAbsent(scalar.text(), new Node.Entry(key.place(), value));
      if (earlier != null) {
        complaints.add(
            key.place(),
            "the key '" + ShapeCheck.brief(scalar.text()) + "' stands here a second time",
            "it stands on line " + earlier.keyPlace().line() + " already: keep one of the two");
      }
    }
    return new Node.Mapping(place, entries);
  }

  private Event next() {
    return events.next();
  }

  private static Place place(Event event) {
    return event.getStartMark().map(YamlTree::place).orElse(Place.START);
  }

  private static Place place(Mark mark) {
    return new Place(mark.getLine() + 1, mark.getColumn() + 1);
  }
}
