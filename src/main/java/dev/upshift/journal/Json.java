package dev.upshift.journal;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Records to JSON and back. A record that has a static {@code parse(String)} (a WAL position, a
 * version) is written as its text: whoever reads a journal at three in the morning wants to see
 * 0/3000148.
 */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .setSerializerModifier(new Writers())
                  .setDeserializerModifier(new Readers()))
          .build();

  private Json() {}

  /**
   * Finds out how records of a type are written, so that the first is written as fast as the
   * others: that takes a millisecond or two, and clients may be waiting then.
   */
  public static void ready(Class<?> type) {
    var _ = MAPPER.writerFor(type);
  }

  /** A record as a JSON tree. */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /** A record from a JSON tree. */
  public static <T> T value(JsonNode tree, Class<T> type) {
    return MAPPER.treeToValue(tree, type);
  }

  /** A record as one line of JSON. */
  public static String line(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** A record as JSON for people and programs, indented. */
  public static String pretty(Object value) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
  }

  /** A record from a text of JSON. */
  public static <T> T value(String text, Class<T> type) throws JacksonException {
    return MAPPER.readValue(text, type);
  }

  private static @org.jspecify.annotations.Nullable Method parser(Class<?> type) {
    if (!type.isRecord()) {
      return null;
    }
    try {
      var method = type.getMethod("parse", String.class);
      return Modifier.isStatic(method.getModifiers()) ? method : null;
    } catch (NoSuchMethodException e) {
      return null;
    }
  }

  private static final class Writers extends tools.jackson.databind.ser.ValueSerializerModifier {
    @Override
    public ValueSerializer<?> modifySerializer(
        tools.jackson.databind.SerializationConfig config,
        tools.jackson.databind.BeanDescription.Supplier bean,
        ValueSerializer<?> usual) {
      return parser(bean.getBeanClass()) == null ? usual : new AsText();
    }
  }

  private static final class Readers
      extends tools.jackson.databind.deser.ValueDeserializerModifier {
    @Override
    public ValueDeserializer<?> modifyDeserializer(
        tools.jackson.databind.DeserializationConfig config,
        tools.jackson.databind.BeanDescription.Supplier bean,
        ValueDeserializer<?> usual) {
      var parse = parser(bean.getBeanClass());
      return parse == null ? usual : new FromText(parse, bean.getType());
    }
  }

  private static final class AsText extends ValueSerializer<Object> {
    @Override
    public void serialize(Object value, JsonGenerator out, SerializationContext context) {
      out.writeString(value.toString());
    }
  }

  private static final class FromText extends ValueDeserializer<Object> {
    private final Method parse;
    private final JavaType type;

    FromText(Method parse, JavaType type) {
      this.parse = parse;
      this.type = type;
    }

    @Override
    public Object deserialize(JsonParser in, DeserializationContext context) {
      try {
        return parse.invoke(null, in.getString());
      } catch (ReflectiveOperationException e) {
        return context.reportInputMismatch(
            type, "'%s' is no %s", in.getString(), type.getRawClass().getSimpleName());
      }
    }
  }
}
