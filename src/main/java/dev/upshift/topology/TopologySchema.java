package dev.upshift.topology;

import dev.upshift.topology.Shape.KnownKey;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The topology file's JSON Schema, made from the same description that files are checked with. */
public final class TopologySchema {
  private TopologySchema() {}

  /** The schema as JSON text, draft 2020-12, ending in a line feed. */
  public static String json() {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "Upshift topology");
    schema.putAll(describe(TopologyShape.TOPOLOGY));
    return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(schema) + "\n";
  }

  private static Map<String, Object> describe(Shape shape) {
    var schema = new LinkedHashMap<String, Object>();
    switch (shape) {
      case Shape.Text text -> {
        schema.put("type", "string");
        schema.put("pattern", text.pattern().pattern());
      }
      case Shape.Choice choice -> schema.put("enum", choice.words());
      case Shape.Whole whole -> {
        schema.put("type", "integer");
        schema.put("minimum", whole.least());
        schema.put("maximum", whole.most());
      }
      case Shape.Flag _ -> schema.put("type", "boolean");
      case Shape.ListOf list -> describe(list, schema);
      case Shape.Dictionary dictionary -> {
        schema.put("type", "object");
        schema.put("minProperties", 1);
        schema.put("propertyNames", describe(dictionary.key()));
        schema.put("additionalProperties", describe(dictionary.value()));
      }
      case Shape.Keyed keyed -> describe(keyed, schema);
      case Shape.OneKey one -> {
        describe(one.keyed(), schema);
        schema.put("minProperties", 1);
        schema.put("maxProperties", 1);
      }
    }
    return schema;
  }

  private static void describe(Shape.ListOf list, Map<String, Object> schema) {
    schema.put("type", "array");
    schema.put("items", describe(list.item()));
    if (list.least() > 0) {
      schema.put("minItems", list.least());
    }
    if (list.most() < Integer.MAX_VALUE) {
      schema.put("maxItems", list.most());
    }
  }

  private static void describe(Shape.Keyed keyed, Map<String, Object> schema) {
    var properties = new LinkedHashMap<String, Object>();
    for (var key : keyed.keys()) {
      var property = new LinkedHashMap<String, Object>();
      property.put("description", key.description());
      property.putAll(describe(key.shape()));
      key.fallback().ifPresent(value -> property.put("default", value));
      properties.put(key.name(), property);
    }
    schema.put("type", "object");
    schema.put("properties", properties);
    schema.put(
        "required", keyed.keys().stream().filter(KnownKey::required).map(KnownKey::name).toList());
    schema.put("additionalProperties", false);
  }
}
