package dev.upshift.topology;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The schema says what the program says: an independent validator judges the same files. */
class TopologySchemaTest {
  private final Schema schema =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(TopologySchema.json(), InputFormat.JSON);

  @Test
  void shouldAcceptTheSample() {
    assertThat(complaints(SampleTopology.TEXT)).isEmpty();
  }

  @Test
  void shouldRefuseWhatIsOfTheWrongShape() {
    assertThat(TopologyComplaintsTest.shapes())
        .allSatisfy(sample -> assertThat(complaints(sample.text())).isNotEmpty());
  }

  @Test
  void shouldAcceptWhatOnlyARuleForbids() {
    assertThat(
            Stream.of(
                    TopologyRulesTest.servers(),
                    TopologyRulesTest.sides(),
                    TopologyRulesTest.fleets(),
                    TopologyRulesTest.probe())
                .flatMap(List::stream))
        .allSatisfy(sample -> assertThat(complaints(sample.text())).isEmpty());
  }

  @Test
  void shouldBeAValidSchema() {
    var meta =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(
                com.networknt.schema.SchemaLocation.of(
                    "https://json-schema.org/draft/2020-12/schema"));
    assertThat(meta.validate(TopologySchema.json(), InputFormat.JSON)).isEmpty();
  }

  @Test
  void shouldDescribeEveryKeyAndShowDefaults() {
    assertThat(TopologySchema.json())
        .startsWith("{")
        .endsWith("}\n")
        .contains("\"default\" : \"16MB\"", "how far the candidate may be behind");
    assertThat(TopologyShape.TOPOLOGY.keys())
        .allSatisfy(key -> assertThat(key.description()).isNotBlank());
  }

  private List<String> complaints(String yaml) {
    return schema.validate(yaml, InputFormat.YAML).stream().map(Object::toString).toList();
  }
}
