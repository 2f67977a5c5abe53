package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.Generate.pick;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;
import org.quicktheories.dsl.TheoryBuilder2;

/** What holds for every hosts file, however odd. */
class HostsTextPropertyTest {
  private static final int FILES = 10_000;

  /** For what depends on fewer things. */
  private static final int FEWER_FILES = 2_500;

  private static final String A = "127.0.0.12";
  private static final String B = "127.0.0.14";
  private static final String LONG = "x".repeat(500);

  private static final List<String> NAMES = List.of("db1.internal", "db2.internal", "db3.internal");

  /** Well-formed pieces and bad ones in any order: most of such files no human would write. */
  private static final Gen<String> CHAOS =
      joined(
          pick(
              List.of(
                  "127.0.0.1",
                  "::1",
                  "127.1",
                  "junk",
                  "10.0.0.9",
                  "db1.internal",
                  "DB1.Internal",
                  "db2.internal",
                  "db2.internal.lan",
                  "xdb1.internal",
                  "db3.internal",
                  "localhost",
                  "caf\u00e9\u0085",
                  "\u00ff",
                  " ",
                  " ",
                  " ",
                  "\t",
                  "  ",
                  "\r",
                  "\u000b",
                  "\f",
                  "\0",
                  "#",
                  "# ",
                  "#db1.internal",
                  "\n",
                  "\n",
                  "\n",
                  "\r\n",
                  "\r\n")),
          40);

  private static final Gen<String> LINE =
      pick(
          List.of(
              "127.0.0.1 localhost",
              "::1\tlocalhost ip6-localhost",
              "fe80::1 router # v6",
              "",
              "   ",
              "\t# indented comment",
              "# BEGIN OF A MANAGED BLOCK",
              "# END",
              "#db1.internal",
              "10.0.0.11 db1.internal",
              "10.0.0.11\tdb1.internal\t# the primary",
              "10.0.0.12 db2.internal db3.internal",
              "  10.0.0.13   db3.internal  ",
              "10.0.0.14 web1 db1.internal web2",
              "10.0.0.15 DB2.INTERNAL",
              "10.0.0.16 " + LONG,
              "10.0.0.17 db1.internal db1.internal",
              "10.0.0.18 db2.internal other#glued",
              "2001:db8::5 db1.internal",
              "not an entry db1.internal",
              "10.0.0.19",
              "10.0.0.20 caf\u00e9 # \u00fc\u00df",
              "10.0.0.21 db1.internal.lan xdb1.internal",
              "10.0.0.22 db1.internal db2.internal db3.internal web3 # all",
              "db1.internal"));

  private static final Gen<String> TIDY =
      lists()
          .of(LINE)
          .ofSizeBetween(0, 12)
          .zip(
              lists().of(pick(List.of("\n", "\n", "\r\n"))).ofSize(12),
              integers().between(0, 3),
              HostsTextPropertyTest::ended);

  private static final Gen<String> FILE = TIDY.mix(CHAOS, 50);

  private static final Gen<Map<String, String>> WANTED =
      lists()
          .of(pick(List.of("", A, A, B, "::1")))
          .ofSize(NAMES.size())
          .map(HostsTextPropertyTest::wanted);

  @Test
  void shouldLeadEveryReaderToTheWantedAddressAndNowhereElse() {
    everyFile()
        .checkAssert((text, wanted) -> {
          var after = HostsText.parse(text).pointing(wanted);
          assertThat(after.addresses(wanted.keySet())).isEqualTo(wanted);
          wanted.forEach((name, address) -> {
            assertThat(HostsReaders.glibcLookup(after.text(), name)).containsExactly(address);
            assertThat(HostsReaders.jdkLookup(after.text(), name))
                .isEqualTo(plain(after.text(), name) ? List.of(address) : List.of());
          });
        });
  }

  @Test
  void shouldKeepTheLinesOfOthersByteForByte() {
    everyFile()
        .checkAssert((text, wanted) -> {
          var after = HostsText.parse(text).pointing(wanted).text();
          var foreign = foreignLines(text, wanted, after);
          assertThat(isSubsequence(foreign, lines(after))).isTrue();
          assertThat(others(after, wanted)).isEqualTo(others(text, wanted));
          assertThat(lines(after).size()).isLessThanOrEqualTo(lines(text).size() + NAMES.size());
        });
  }

  @Test
  void shouldKeepEveryComment() {
    qt().withExamples(FEWER_FILES)
        .forAll(TIDY, WANTED)
        .checkAssert((text, wanted) ->
            assertThat(comments(HostsText.parse(text).pointing(wanted).text()))
                .isEqualTo(comments(text)));
  }

  @Test
  void shouldKeepAMissingFinalLineFeedAndTheEndsOfLines() {
    qt().withExamples(FEWER_FILES)
        .forAll(TIDY.map(text -> text.replace("\r\n", "\n").replace("\n", "\r\n")), WANTED)
        .checkAssert((text, wanted) -> {
          var after = HostsText.parse(text).pointing(wanted).text();
          if (text.contains("\n")) {
            assertThat(after.replace("\r\n", "")).doesNotContain("\n");
          }
          if (text.endsWith("\n")) {
            assertThat(after).endsWith("\n");
          }
        });
  }

  @Test
  void shouldChangeNothingTheSecondTime() {
    everyFile()
        .checkAssert((text, wanted) -> {
          var once = HostsText.parse(text).pointing(wanted);
          assertThat(once.pointing(wanted)).isEqualTo(once);
          assertThat(once.pointing(once.addresses(wanted.keySet()))).isEqualTo(once);
        });
  }

  @Test
  void shouldComeBackFromParkingByteForByte() {
    // Lines of one name each, as pointing makes them where names go apart.
    var apart = Map.of("db1.internal", A, "db2.internal", B, "db3.internal", "::1");
    var parked = Map.of("db1.internal", B, "db2.internal", B, "db3.internal", B);
    qt().withExamples(FEWER_FILES)
        .forAll(FILE)
        .checkAssert(text -> {
          var before = HostsText.parse(text).pointing(apart);
          assertThat(before.pointing(parked).pointing(apart)).isEqualTo(before);
        });
  }

  private static TheoryBuilder2<String, Map<String, String>> everyFile() {
    return qt().withExamples(FILES).forAll(FILE, WANTED);
  }

  private static Gen<String> joined(Gen<String> pieces, int most) {
    return lists().of(pieces).ofSizeBetween(0, most).map(list -> String.join("", list));
  }

  /** Lines with mixed ends; one file in four has none at its own end. */
  private static String ended(List<String> lines, List<String> ends, int last) {
    var text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      boolean bare = i == lines.size() - 1 && last == 0;
      text.append(lines.get(i)).append(bare ? "" : ends.get(i));
    }
    return text.toString();
  }

  private static Map<String, String> wanted(List<String> addresses) {
    return IntStream.range(0, NAMES.size())
        .filter(i -> !addresses.get(i).isEmpty())
        .boxed()
        .collect(Collectors.toMap(NAMES::get, addresses::get));
  }

  private static List<String> lines(String text) {
    return text.isEmpty() ? List.of() : Arrays.asList(text.split("(?<=\n)"));
  }

  /** The lines without a trace of a managed name; the last may get the end of line it lacked. */
  private static List<String> foreignLines(String text, Map<String, String> wanted, String after) {
    List<String> foreign = new ArrayList<>();
    for (var line : lines(text)) {
      var folded = line.toLowerCase(Locale.ROOT);
      if (wanted.keySet().stream().noneMatch(folded::contains)) {
        foreign.add(line);
      }
    }
    if (!foreign.isEmpty() && !foreign.getLast().endsWith("\n")) {
      var last = foreign.removeLast();
      assertThat(after).contains(last);
    }
    return foreign;
  }

  /** Whether the name's line is one for the JDK too: not indented, and in this spelling. */
  private static boolean plain(String text, String name) {
    return lines(text).stream()
        .filter(line -> !Character.isWhitespace(line.charAt(0)))
        .flatMap(line -> HostsReaders.glibc(line).stream())
        .anyMatch(entry -> entry.name().equals(name));
  }

  private static boolean isSubsequence(List<String> some, List<String> all) {
    int found = 0;
    for (var line : all) {
      found += found < some.size() && some.get(found).equals(line) ? 1 : 0;
    }
    return found == some.size();
  }

  private static List<HostsReaders.Entry> others(String text, Map<String, String> wanted) {
    return HostsReaders.glibc(text).stream()
        .filter(entry -> wanted.keySet().stream().noneMatch(entry.name()::equalsIgnoreCase))
        .toList();
  }

  private static List<String> comments(String text) {
    return text.lines()
        .filter(line -> line.contains("#"))
        .map(line -> line.substring(line.indexOf('#')))
        .toList();
  }
}
