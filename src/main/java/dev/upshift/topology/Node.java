package dev.upshift.topology;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A piece of a YAML file that knows where it stands. The getters by key are for trees that were
 * checked against their shape: a key that is not there is our bug.
 */
sealed interface Node {
  /** Where it begins. */
  Place place();

  /** What a person would call it in a complaint. */
  String kind();

  /** What a scalar is, as YAML reads it. */
  enum Type {
    TEXT("text"),
    WHOLE("a whole number"),
    FRACTION("a number"),
    FLAG("true or false"),
    NOTHING("nothing");

    private final String kind;

    Type(String kind) {
      this.kind = kind;
    }
  }

  /** A value; {@code text} is as written in the file, without quotes. */
  record Scalar(Place place, Type type, String text) implements Node {
    @Override
    public String kind() {
      return type.kind;
    }
  }

  /** A list. */
  record Sequence(Place place, List<Node> items) implements Node {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** A value of a mapping, and where its key stands. */
  record Entry(Place keyPlace, Node value) {}

  /** Keys with their values, in the order of the file. */
  record Mapping(Place place, Map<String, Entry> entries) implements Node {
    @Override
    public String kind() {
      return "a mapping";
    }

    boolean has(String key) {
      return entries.containsKey(key);
    }

    boolean has(String first, String second) {
      return has(first) && has(second);
    }

    Entry entry(String key) {
      return Optional.ofNullable(entries.get(key))
          .orElseThrow(() -> new IllegalStateException("no key '" + key + "' in a checked tree"));
    }

    Mapping mapping(String key) {
      return (Mapping) entry(key).value();
    }

    Scalar scalar(String key) {
      return (Scalar) entry(key).value();
    }

    String text(String key) {
      return scalar(key).text();
    }

    int whole(String key) {
      return Integer.parseInt(text(key));
    }

    Sequence sequence(String key) {
      return (Sequence) entry(key).value();
    }

    List<Scalar> scalars(String key) {
      return sequence(key).items().stream().map(Scalar.class::cast).toList();
    }

    List<String> texts(String key) {
      return scalars(key).stream().map(Scalar::text).toList();
    }

    List<Mapping> mappings(String key) {
      return sequence(key).items().stream().map(Mapping.class::cast).toList();
    }
  }
}
