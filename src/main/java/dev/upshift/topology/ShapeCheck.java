package dev.upshift.topology;

import dev.upshift.topology.Shape.KnownKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Holds a tree against its shape and puts in what was left out and has a default. What does not fit
 * is complained about and left out of the answer.
 */
final class ShapeCheck {
  private static final Pattern SECRET =
      Pattern.compile(".*(passw|pwd|secret|credential|token).*|pass", Pattern.CASE_INSENSITIVE);
  private static final int LONGEST_QUOTE = 60;

  private final Complaints complaints;

  ShapeCheck(Complaints complaints) {
    this.complaints = complaints;
  }

  /** The tree with its defaults, of its sound top-level keys only. */
  Node.Mapping complete(Node root) {
    if (root instanceof Node.Mapping mapping) {
      return keyed(TopologyShape.TOPOLOGY, mapping, "");
    }
    complaints.add(
        root.place(),
        "a topology is a mapping, this is " + root.kind(),
        "begin with 'cluster:'; see 'upshift schema'");
    return new Node.Mapping(root.place(), Map.of());
  }

  private Node check(Shape shape, Node node, String path) {
    return switch (shape) {
      case Shape.Text text -> text(text, node, path);
      case Shape.Choice choice -> choice(choice, node, path);
      case Shape.Whole whole -> whole(whole, node, path);
      case Shape.Flag _ ->
          scalar(node, Node.Type.FLAG) ? node : wrong(node, path, "true or false", "no quotes");
      case Shape.ListOf list -> list(list, node, path);
      case Shape.Dictionary dictionary -> dictionary(dictionary, node, path);
      case Shape.Keyed keyed ->
          node instanceof Node.Mapping mapping
              ? keyed(keyed, mapping, path)
              : wrong(node, path, "a mapping", "its keys are " + String.join(", ", keyed.names()));
      case Shape.OneKey one -> oneKey(one.keyed(), node, path);
    };
  }

  private Node oneKey(Shape.Keyed shape, Node node, String path) {
    int before = complaints.count();
    var checked = check(shape, node, path);
    int given = node instanceof Node.Mapping mapping ? mapping.entries().size() : 1;
    if (given != 1 && complaints.count() == before) {
      complaints.add(
          node.place(),
          "'" + path + "' has " + given + " keys",
          "exactly one: " + String.join(" or ", shape.names()));
    }
    return checked;
  }

  private Node text(Shape.Text shape, Node node, String path) {
    if (!(node instanceof Node.Scalar scalar) || scalar.type() == Node.Type.NOTHING) {
      return wrong(node, path, shape.what(), shape.hint());
    }
    boolean fits = shape.fits(scalar.text());
    if (scalar.type() != Node.Type.TEXT) {
      var quoted = "put it in quotes: \"" + scalar.text() + "\"";
      return wrong(node, path, shape.what(), fits ? quoted : shape.hint());
    }
    if (!fits) {
      complaints.add(
          node.place(),
          "'" + path + "': '" + brief(scalar.text()) + "' is not " + shape.what(),
          shape.hint());
    }
    return node;
  }

  private Node choice(Shape.Choice shape, Node node, String path) {
    var these = "it is one of these";
    if (!(node instanceof Node.Scalar scalar) || scalar.type() != Node.Type.TEXT) {
      return wrong(node, path, "a word", these + ": " + String.join(", ", shape.words()));
    }
    if (!shape.words().contains(scalar.text())) {
      complaints.add(
          node.place(),
          "'" + path + "': '" + brief(scalar.text()) + "' is not known",
          Nearest.hint(scalar.text(), these, shape.words()));
    }
    return node;
  }

  private Node whole(Shape.Whole shape, Node node, String path) {
    var hint = "a whole number from " + shape.least() + " to " + shape.most() + ", without quotes";
    if (!(node instanceof Node.Scalar scalar) || scalar.type() != Node.Type.WHOLE) {
      return wrong(node, path, "a whole number", hint);
    }
    // Ten characters are enough for every bound there is and cannot overflow a long.
    boolean fits = scalar.text().matches("[0-9]{1,10}");
    long number = fits ? Long.parseLong(scalar.text()) : -1;
    if (number < shape.least() || number > shape.most()) {
      complaints.add(
          node.place(), "'" + path + "': " + brief(scalar.text()) + " is out of range", hint);
    }
    return node;
  }

  private Node list(Shape.ListOf shape, Node node, String path) {
    if (!(node instanceof Node.Sequence sequence)) {
      return wrong(node, path, "a list", "write [...], or one '- ...' a line");
    }
    int size = sequence.items().size();
    if (size < shape.least() || size > shape.most()) {
      complaints.add(
          node.place(),
          "'" + path + "' has " + size + " items",
          size < shape.least() ? "name at least " + shape.least() : "keep " + shape.most());
    }
    List<Node> items = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      items.add(check(shape.item(), sequence.items().get(i), path + "[" + (i + 1) + "]"));
    }
    return new Node.Sequence(node.place(), items);
  }

  private Node dictionary(Shape.Dictionary shape, Node node, String path) {
    if (!(node instanceof Node.Mapping mapping)) {
      return wrong(node, path, "a mapping", "write one 'name: server' for each");
    }
    if (mapping.entries().isEmpty()) {
      complaints.add(node.place(), "'" + path + "' is empty", "name at least one");
    }
    mapping
        .entries()
        .forEach((key, entry) -> {
          if (!shape.key().fits(key)) {
            complaints.add(
                entry.keyPlace(),
                "'" + path + "': '" + brief(key) + "' is not " + shape.key().what(),
                shape.key().hint());
          }
          check(shape.value(), entry.value(), path + "." + key);
        });
    return node;
  }

  private Node.Mapping keyed(Shape.Keyed shape, Node.Mapping mapping, String path) {
    mapping
        .entries()
        .forEach((key, entry) -> {
          if (shape.key(key).isEmpty()) {
            unknown(shape, entry.keyPlace(), key, path);
          }
        });
    var entries = new LinkedHashMap<String, Node.Entry>();
    for (var key : shape.keys()) {
      int before = complaints.count();
      var name = path.isEmpty() ? key.name() : path + "." + key.name();
      var given = mapping.entries().get(key.name());
      if (given != null) {
        var value = check(key.shape(), given.value(), name);
        if (complaints.count() == before) {
          entries.put(key.name(), new Node.Entry(given.keyPlace(), value));
        }
      } else if (key.required()) {
        missing(mapping, key, name);
      } else {
        key.fallback()
            .map(value -> check(key.shape(), nodeOf(value, mapping.place()), name))
            .ifPresent(value -> entries.put(key.name(), new Node.Entry(mapping.place(), value)));
      }
    }
    return new Node.Mapping(mapping.place(), entries);
  }

  private void missing(Node.Mapping mapping, KnownKey key, String name) {
    complaints.add(
        mapping.place(),
        "'" + name + "' is missing",
        "add '" + key.name() + ":' (" + key.description() + ")");
  }

  private void unknown(Shape.Keyed shape, Place place, String key, String path) {
    var where = path.isEmpty() ? "" : " in '" + path + "'";
    if (SECRET.matcher(key).matches()) {
      complaints.add(
          place,
          "'" + brief(key) + "'" + where + ": a password has no place in this file",
          "put it into a file in the form of .pgpass, mode 0600, and name that in admin.passfile");
      return;
    }
    complaints.add(
        place,
        "unknown key '" + brief(key) + "'" + where,
        Nearest.hint(key, "the keys known here are", shape.names()));
  }

  private Node wrong(Node node, String path, String wanted, String hint) {
    complaints.add(
        node.place(), "'" + path + "' must be " + wanted + ", and is " + node.kind(), hint);
    return node;
  }

  private static boolean scalar(Node node, Node.Type type) {
    return node instanceof Node.Scalar scalar && scalar.type() == type;
  }

  private static Node nodeOf(Object value, Place place) {
    return switch (value) {
      case String text -> new Node.Scalar(place, Node.Type.TEXT, text);
      case Integer number -> new Node.Scalar(place, Node.Type.WHOLE, number.toString());
      case Boolean flag -> new Node.Scalar(place, Node.Type.FLAG, flag.toString());
      case List<?> _ -> new Node.Sequence(place, List.of());
      case Map<?, ?> _ -> new Node.Mapping(place, Map.of());
      default -> throw new IllegalStateException("no default of this kind: " + value);
    };
  }

  /** A value of the file for a complaint: one line, not too long. */
  static String brief(String text) {
    var line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= LONGEST_QUOTE ? line : line.substring(0, LONGEST_QUOTE) + "...";
  }
}
