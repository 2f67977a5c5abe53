package dev.upshift.docs;

import dev.upshift.topology.TopologySchema;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** docs/topology.md: every key of a topology file, from the schema that files are checked with. */
final class TopologyPage {
  private static final String HEAD =
      """
      # The topology file

      Made from the program; do not edit. `upshift schema` prints the JSON Schema, for editors;
      `upshift lab up` writes a file for a cluster that runs, to start from. A mistake is reported
      with file, line and column before anything is done.

      ## An example

      ```yaml
      """;

  private static final String KEYS =
      """
      ```

      ## The keys

      | key | what | value | if left out |
      |---|---|---|---|
      """;

  private TopologyPage() {}

  static String of(String example) {
    var text = new StringBuilder(HEAD).append(example).append(KEYS);
    rows("", new JsonMapper().readTree(TopologySchema.json()), text);
    return text.toString();
  }

  private static void rows(String prefix, JsonNode object, StringBuilder text) {
    Set<String> required = new HashSet<>();
    object.path("required").forEach(name -> required.add(name.asString()));
    object
        .path("properties")
        .properties()
        .forEach(property -> {
          var key = prefix + property.getKey();
          var shape = property.getValue();
          text.append(
              "| `%s` | %s | %s | %s |\n"
                  .formatted(
                      key,
                      shape.path("description").asString(""),
                      value(shape),
                      absent(shape, required.contains(property.getKey()))));
          rows(key + ".", shape, text);
          rows(key + "[].", shape.path("items"), text);
        });
  }

  private static String value(JsonNode shape) {
    if (shape.has("enum")) {
      var words = new java.util.ArrayList<String>();
      shape.path("enum").forEach(word -> words.add("`" + word.asString() + "`"));
      return String.join(", ", words);
    }
    return switch (shape.path("type").asString("")) {
      case "integer" ->
          "%d to %d".formatted(shape.path("minimum").asLong(), shape.path("maximum").asLong());
      case "boolean" -> "`true` or `false`";
      case "array" -> "list";
      case "object" -> shape.has("properties") ? "" : "name: value, …";
      default -> "text";
    };
  }

  private static String absent(JsonNode shape, boolean required) {
    if (required) {
      return "required";
    }
    return shape.has("default") ? "`" + word(shape.path("default")) + "`" : "–";
  }

  private static String word(JsonNode value) {
    return value.isString() ? value.asString() : value.toString();
  }
}
