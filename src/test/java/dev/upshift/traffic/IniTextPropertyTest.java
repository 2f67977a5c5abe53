package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.Generate.pick;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.quicktheories.dsl.TheoryBuilder3;

/** What holds for every configuration, however odd. */
class IniTextPropertyTest {
  private static final int FILES = 10_000;
  private static final List<String> KEYS = List.of("host", "port", "dbname", "password");

  @Test
  void shouldLeadTheEntryAndNoOther() {
    everyFile()
        .checkAssert((text, name, host) -> {
          var before = IniText.parse(text);
          if (before.databases().contains(name)) {
            var after = before.with(name, "host", Optional.of(host));
            var expected = read(before);
            expected.put(name + ".host", Optional.of(host));
            assertThat(read(after)).isEqualTo(expected);
            assertThat(after.databases()).isEqualTo(before.databases());
            assertThat(after.setting("host")).isEqualTo(before.setting("host"));
          }
        });
  }

  @Test
  void shouldKeepEveryOtherByte() {
    everyFile()
        .checkAssert((text, name, host) -> {
          var ini = IniText.parse(text);
          if (ini.databases().contains(name)) {
            var after = ini.with(name, "host", Optional.of(host)).text();
            var old = ini.parameter(name, "host");
            var pieces =
                old.isPresent()
                    ? List.of(host, "'" + host + "'")
                    : List.of("host=" + host, "host=" + host + " ");
            assertThat(pieces)
                .anySatisfy(piece -> assertThat(differsIn(text, after, piece, old)).isTrue());
          }
        });
  }

  @Test
  void shouldComeBackByteForByte() {
    everyFile()
        .checkAssert((text, name, host) -> {
          var ini = IniText.parse(text);
          var old = ini.parameter(name, "host");
          if (ini.databases().contains(name)) {
            var there = ini.with(name, "host", Optional.of(host));
            assertThat(there.with(name, "host", Optional.of(host))).isEqualTo(there);
            assertThat(there.with(name, "host", old)).isEqualTo(ini);
          }
        });
  }

  /** Whether the piece is all that is new, and the old value all that is gone. */
  private static boolean differsIn(
      String text, String after, String piece, Optional<String> oldValue) {
    for (int at = after.indexOf(piece); at >= 0; at = after.indexOf(piece, at + 1)) {
      var rest = after.substring(at + piece.length());
      int gone = text.length() - at - rest.length();
      if (gone >= 0 && text.startsWith(after.substring(0, at)) && text.endsWith(rest)) {
        var old = text.substring(at, at + gone);
        var quoted = "'" + oldValue.orElse("").replace("'", "''") + "'";
        if (old.equals(oldValue.orElse("")) || old.equals(quoted)) {
          return true;
        }
      }
    }
    return false;
  }

  private static TheoryBuilder3<String, String, String> everyFile() {
    return qt().withExamples(FILES)
        .forAll(
            IniTexts.ANY, pick(IniTexts.NAMES), pick(List.of("127.0.0.14", "::5", "db4.internal")));
  }

  private static Map<String, Optional<String>> read(IniText ini) {
    var all = new LinkedHashMap<String, Optional<String>>();
    ini.databases()
        .forEach(name -> KEYS.forEach(key -> all.put(name + "." + key, ini.parameter(name, key))));
    return all;
  }
}
