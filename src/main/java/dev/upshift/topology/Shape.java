package dev.upshift.topology;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a part of a file must look like. One description, three uses: checking a file, proposing the
 * key that was meant, and the JSON Schema.
 */
sealed interface Shape {

  /**
   * Text of a certain form.
   *
   * @param what what it is, with its article: "a duration"
   * @param pattern a regular expression for the whole text, in the dialect that Java and JSON
   *     Schema share
   * @param hint how to write it
   */
  record Text(String what, Pattern pattern, String hint) implements Shape {
    static Text of(String what, String pattern, String hint) {
      return new Text(what, Pattern.compile(pattern), hint);
    }

    boolean fits(String text) {
      return pattern.matcher(text).matches();
    }
  }

  /** One of some words. */
  record Choice(List<String> words) implements Shape {}

  /** A whole number, bounds included. */
  record Whole(int least, int most) implements Shape {}

  /** True or false. */
  record Flag() implements Shape {}

  /** A list whose items all look alike. */
  record ListOf(Shape item, int least, int most) implements Shape {
    static ListOf any(Shape item) {
      return new ListOf(item, 0, Integer.MAX_VALUE);
    }

    static ListOf some(Shape item) {
      return new ListOf(item, 1, Integer.MAX_VALUE);
    }
  }

  /** At least one key of the operator's own choice. */
  record Dictionary(Text key, Shape value) implements Shape {}

  /** Known keys. */
  record Keyed(List<KnownKey> keys) implements Shape {
    static Keyed of(KnownKey... keys) {
      return new Keyed(List.of(keys));
    }

    Optional<KnownKey> key(String name) {
      return keys.stream().filter(key -> key.name().equals(name)).findFirst();
    }

    List<String> names() {
      return keys.stream().map(KnownKey::name).toList();
    }
  }

  /** Exactly one of some known keys. */
  record OneKey(Keyed keyed) implements Shape {
    static OneKey of(KnownKey... keys) {
      return new OneKey(Keyed.of(keys));
    }
  }

  /**
   * A known key.
   *
   * @param fallback the value it has when it is left out: text, a whole number, true or false, an
   *     empty list or an empty map
   */
  record KnownKey(
      String name, Shape shape, boolean required, Optional<Object> fallback, String description) {

    static KnownKey required(String name, Shape shape, String description) {
      return new KnownKey(name, shape, true, Optional.empty(), description);
    }

    static KnownKey optional(String name, Shape shape, String description) {
      return new KnownKey(name, shape, false, Optional.empty(), description);
    }

    static KnownKey optional(String name, Shape shape, Object fallback, String description) {
      return new KnownKey(name, shape, false, Optional.of(fallback), description);
    }
  }
}
