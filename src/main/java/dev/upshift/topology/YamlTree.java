package dev.upshift.topology;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads YAML into a tree of {@link Node}s. Walks the parser's tokens by itself, because binding
 * straight to records reports only the first problem, and that one without its place. Anchors,
 * aliases, tags and second documents are refused: what the file says must stand where it is read.
 */
final class YamlTree {
  /** Only blanks before it, and at least one of them a tab. */
  private static final Pattern LEADING_TAB = Pattern.compile("^ *\\t", Pattern.MULTILINE);

  private final Complaints complaints;
  private final YAMLParser parser;

  private YamlTree(YAMLParser parser, Complaints complaints) {
    this.parser = parser;
    this.complaints = complaints;
  }

  /** The file's only document; empty if there is none to speak of, which was complained about. */
  static Optional<Node> parse(String text, Complaints complaints) {
    if (complainAboutTabs(text, complaints)) {
      return Optional.empty();
    }
    try (var parser = (YAMLParser) new YAMLMapper().createParser(text)) {
      return new YamlTree(parser, complaints).document();
    } catch (JacksonException failure) {
      complainAboutSyntax(failure, complaints);
      return Optional.empty();
    }
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

  /** The parser's own text quotes the line, and in that line could stand a secret: leave it out. */
  private static void complainAboutSyntax(JacksonException failure, Complaints complaints) {
    var hint = "mind the indentation, and that brackets and quotes are closed";
    if (failure.getCause() instanceof MarkedYamlEngineException yaml) {
      var place =
          yaml.getProblemMark().or(yaml::getContextMark).map(YamlTree::placeOf).orElse(Place.START);
      var tab = yaml.getProblem().contains("TAB");
      complaints.add(
          place,
          tab ? "a tab where YAML wants a space" : "this is not YAML: " + yaml.getProblem(),
          tab ? "use spaces" : hint);
      return;
    }
    var location = Optional.<TokenStreamLocation>ofNullable(failure.getLocation());
    var what = failure.getOriginalMessage().lines().findFirst().orElse("unknown");
    complaints.add(
        location.map(YamlTree::placeOf).orElse(Place.START), "this is not YAML: " + what, hint);
  }

  private Optional<Node> document() {
    var first = parser.nextToken();
    if (first == null) {
      complaints.add(
          Place.START, "the file is empty", "begin with 'cluster:'; see 'upshift schema'");
      return Optional.empty();
    }
    var root = node(first);
    if (parser.nextToken() != null) {
      complaints.add(here(), "a second document begins", "keep one topology in one file");
    }
    return Optional.of(root);
  }

  private Node node(JsonToken token) {
    complainAboutReferences();
    return switch (token) {
      case START_OBJECT -> mapping();
      case START_ARRAY -> sequence();
      case VALUE_NUMBER_INT -> scalar(Node.Type.WHOLE);
      case VALUE_NUMBER_FLOAT -> scalar(Node.Type.FRACTION);
      case VALUE_TRUE, VALUE_FALSE -> scalar(Node.Type.FLAG);
      case VALUE_NULL -> new Node.Scalar(here(), Node.Type.NOTHING, "");
      default -> scalar(Node.Type.TEXT);
    };
  }

  private void complainAboutReferences() {
    if (parser.isCurrentAlias()) {
      complaints.add(here(), "an alias (*) is not understood here", "write the value out");
    } else if (parser.getObjectId() != null) {
      complaints.add(here(), "an anchor (&) is not understood here", "write the value out");
    }
    if (parser.getTypeId() != null) {
      complaints.add(here(), "a tag (!) is not understood here", "leave the tag out");
    }
  }

  private Node.Scalar scalar(Node.Type type) {
    return new Node.Scalar(here(), type, Objects.requireNonNull(parser.getString()));
  }

  private Node.Sequence sequence() {
    var place = here();
    List<Node> items = new ArrayList<>();
    for (var token = next(); token != JsonToken.END_ARRAY; token = next()) {
      items.add(node(token));
    }
    return new Node.Sequence(place, items);
  }

  private Node.Mapping mapping() {
    var place = here();
    var entries = new LinkedHashMap<String, Node.Entry>();
    while (next() != JsonToken.END_OBJECT) {
      var key = Objects.requireNonNull(parser.currentName());
      var keyPlace = here();
      complainAboutReferences();
      var earlier = entries.get(key);
      var entry = new Node.Entry(keyPlace, node(next()));
      if (earlier == null) {
        entries.put(key, entry);
      } else {
        complaints.add(
            keyPlace,
            "the key '" + key + "' stands here a second time",
            "it stands on line " + earlier.keyPlace().line() + " already: keep one of the two");
      }
    }
    return new Node.Mapping(place, entries);
  }

  private JsonToken next() {
    return Objects.requireNonNull(parser.nextToken(), "YAML ended inside a value");
  }

  private Place here() {
    return placeOf(parser.currentTokenLocation());
  }

  private static Place placeOf(TokenStreamLocation location) {
    return new Place(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
  }

  private static Place placeOf(Mark mark) {
    return new Place(mark.getLine() + 1, mark.getColumn() + 1);
  }
}
