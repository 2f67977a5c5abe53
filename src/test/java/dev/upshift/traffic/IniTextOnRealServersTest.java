package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.Generate.pick;

import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.ThrowawayPooler;
import dev.upshift.testing.ThrowawayServer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PgBouncer itself reads the same in generated configurations, before and after a change. */
@Tag("real")
class IniTextOnRealServersTest {
  private static final int FILES = 150;

  static Stream<Path> programs() {
    var programs = LabFixture.programs();
    return Stream.of(programs.pgbouncer(), programs.newestPgbouncer());
  }

  @ParameterizedTest
  @MethodSource("programs")
  void shouldReadWhatPgBouncerReads(Path program) throws Exception {
    try (var process = ThrowawayPooler.start(program, Map.of(), Map.of());
        var pooler =
            new Pooler(
                new LocalHost("pool1", Witness.NONE),
                process.config(),
                new Poolers.Login(
                    ThrowawayServer.DEBIAN_15.resolve("psql"),
                    ThrowawayPooler.ADMIN,
                    process.passfile()))) {
      var rest = pooler.ini().text().substring("[databases]\n".length());
      qt().withExamples(FILES)
          .withShrinkCycles(0)
          .forAll(IniTexts.SOUND, pick(IniTexts.NAMES))
          .checkAssert((text, name) -> {
            var ini = IniText.parse(text + rest);
            assertReadAlike(pooler, ini);
            if (ini.databases().contains(name)) {
              assertReadAlike(pooler, ini.with(name, "host", Optional.of("127.0.0.14")));
              assertReadAlike(pooler, ini.with(name, "port", Optional.of("5999")));
            }
          });
    }
  }

  /** An entry that is no longer there goes only after a while, so look at those that are. */
  private static void assertReadAlike(Pooler pooler, IniText ini) {
    pooler.write(ini);
    pooler.reload();
    var entries = pooler.entries();
    var expected = new TreeMap<String, String>();
    var found = new TreeMap<String, String>();
    for (var name : ini.databases()) {
      if (!name.equals("*")) {
        expected.put(name, Target.of(ini, name).toString());
        var entry = Optional.ofNullable(entries.get(name)).orElseThrow();
        found.put(name, new Target(entry.host(), Optional.of(entry.port())).toString());
      }
    }
    assertThat(found).as(ini.text()).isEqualTo(expected);
  }
}
