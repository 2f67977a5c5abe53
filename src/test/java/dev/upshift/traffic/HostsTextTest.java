package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HostsTextTest {
  private static final Map<String, String> APART = Map.of("db1", "10.0.0.1", "db2", "10.0.0.2");
  private static final Map<String, String> TOGETHER = Map.of("db1", "10.0.0.9", "db2", "10.0.0.9");

  record Case(String why, Map<String, String> wanted, String before, String after) {
    @Override
    public String toString() {
      return why;
    }
  }

  @ParameterizedTest
  @MethodSource("edits")
  void shouldEditAsTheRulesSay(Case edit) {
    assertThat(HostsText.parse(edit.before()).pointing(edit.wanted()).text())
        .isEqualTo(edit.after());
  }

  static List<Case> edits() {
    return List.of(
        new Case("an empty file", APART, "", "10.0.0.1 db1\n10.0.0.2 db2\n"),
        new Case(
            "only the address changes",
            APART,
            "\t1.1.1.1 \t db1  # c\r\n1.1.1.2 db2\n",
            "\t10.0.0.1 \t db1  # c\r\n10.0.0.2 db2\n"),
        new Case("names that stay together", TOGETHER, "1.1.1.1 db1 db2\n", "10.0.0.9 db1 db2\n"),
        new Case(
            "names that part", APART, "1.1.1.1 db1 db2 # c\n", "10.0.0.1 db1 # c\n10.0.0.2 db2\n"),
        new Case(
            "names beside others",
            APART,
            "1.1.1.1 a db1\tb db2 # c\r\nx",
            "1.1.1.1 a\tb # c\r\n10.0.0.1 db1\r\n10.0.0.2 db2\r\nx"),
        new Case(
            "the same on a last line without an end",
            APART,
            "# c\r\n1.1.1.1 a db1 db2",
            "# c\r\n1.1.1.1 a\r\n10.0.0.1 db1\r\n10.0.0.2 db2"),
        new Case(
            "further lines with the name go",
            APART,
            "1.1.1.1 db1\n::1 db1\n1.1.1.2 db1 # keep\n1.1.1.3 db1 a\n1.1.1.4 db2 db2\n",
            "10.0.0.1 db1\n# keep\n1.1.1.3 a\n10.0.0.2 db2\n"),
        new Case(
            "the spelling of the file stays",
            APART,
            "1.1.1.1 DB1 Db1\n1.1.1.1 dB2 a\n",
            "10.0.0.1 DB1\n1.1.1.1 a\n10.0.0.2 dB2\n"),
        new Case(
            "appended as the last lines end",
            APART,
            "# a\n# b\r\n",
            "# a\n# b\r\n10.0.0.1 db1\r\n10.0.0.2 db2\r\n"),
        new Case(
            "appended behind a line without an end",
            APART,
            "# a",
            "# a\n10.0.0.1 db1\n10.0.0.2 db2"),
        new Case(
            "a name in a comment is none",
            Map.of("db1", "10.0.0.1"),
            "1.1.1.1 a#db1\n#1.1.1.1 db1\n",
            "1.1.1.1 a#db1\n#1.1.1.1 db1\n10.0.0.1 db1\n"),
        new Case(
            "a part of a name is none",
            Map.of("db1", "10.0.0.1"),
            "1.1.1.1 db1.lan xdb1 db11\n",
            "1.1.1.1 db1.lan xdb1 db11\n10.0.0.1 db1\n"),
        new Case(
            "a carriage return inside is a blank or an end",
            Map.of("db1", "10.0.0.1"),
            "# c\r1.1.1.1 db1 a\n",
            "# c\r1.1.1.1 a\n10.0.0.1 db1\n"),
        new Case(
            "nobody reads behind a zero byte",
            Map.of("db1", "10.0.0.1"),
            "1.1.1.1\0 db1\n",
            "1.1.1.1\0\n10.0.0.1 db1\n"),
        new Case(
            "nothing wanted, nothing changed",
            Map.of(),
            "1.1.1.1 db1\n1.1.1.2 db1",
            "1.1.1.1 db1\n1.1.1.2 db1"));
  }

  @Test
  void shouldSayWhereNamesLead() {
    var hosts = HostsText.parse("junk db1\n 1.1.1.1 a DB1 # db3\n1.1.1.2 db1\n::1 db2\n127.1 db3");
    assertThat(hosts.addresses(Set.of("db1", "Db2", "db3", "db4")))
        .isEqualTo(Map.of("db1", "1.1.1.1", "Db2", "::1"));
  }

  @Test
  void shouldKeepAnyTextAsItIs() {
    var text = "\0\u00ff\r\r\n\n#\r";
    assertThat(HostsText.parse(text).text()).isEqualTo(text);
  }

  @Test
  void shouldRefuseWhatCannotStandInAHostsFile() {
    var hosts = HostsText.parse("");
    for (var wanted :
        List.of(
            Map.of("db1", "db2"),
            Map.of("db1", "127.1"),
            Map.of("db1", "10.0.0.1 x"),
            Map.of("db1", "fe80::1%lo"),
            Map.of("a b", "10.0.0.1"),
            Map.of("a#", "10.0.0.1"),
            Map.of("", "10.0.0.1"),
            Map.of("db1", "10.0.0.1", "DB1", "10.0.0.2"))) {
      assertThatThrownBy(() -> hosts.pointing(wanted)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
