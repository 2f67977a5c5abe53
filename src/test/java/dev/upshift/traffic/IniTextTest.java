package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations of PgBouncer, changed in one place. */
class IniTextTest {
  private static final String FILE =
      """
      ;; a comment: app = host=9.9.9.9
      [databases] first = host=10.0.0.9
      # another
      app   =  dbname=podcasts   host=10.0.0.1 port=5433 password='it''s; a secret'
      app_ro = host='10.0.0.2' dbname=podcasts
      bare =
      nohost = dbname=x port=6000

      [users]
      app = pool_mode=session
      [pgbouncer]
      app = host=8.8.8.8
      listen_port = 6432
      listen_port = 6433
      """;

  @Test
  void shouldReadEntriesUsersAndSettings() {
    var ini = IniText.parse(FILE);
    assertThat(ini.databases()).containsExactly("first", "app", "app_ro", "bare", "nohost");
    assertThat(ini.users()).containsExactly("app");
    assertThat(ini.setting("listen_port")).hasValue("6433");
    assertThat(ini.setting("listen_addr")).isEmpty();
    assertThat(ini.parameter("app", "host")).hasValue("10.0.0.1");
    assertThat(ini.parameter("app", "password")).hasValue("it's; a secret");
    assertThat(ini.parameter("app_ro", "host")).hasValue("10.0.0.2");
    assertThat(ini.parameter("bare", "host")).isEmpty();
    assertThat(ini.parameter("none", "host")).isEmpty();
    assertThat(ini.includes()).isFalse();
    assertThat(IniText.parse("[databases]\n  %include /etc/more.ini\n").includes()).isTrue();
  }

  @Test
  void shouldChangeNothingButTheValue() {
    assertThat(IniText.parse(FILE).with("app", "host", Optional.of("::1")).text())
        .isEqualTo(FILE.replace("10.0.0.1 ", "::1 "));
    assertThat(IniText.parse(FILE).with("first", "host", Optional.of("::1")).text())
        .isEqualTo(FILE.replace("10.0.0.9", "::1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "host=1.1.1.1 port=5|host=2.2.2.2 port=5",
        "host='1.1.1.1'  port=5|host='2.2.2.2'  port=5",
        "host= 1.1.1.1|host= 2.2.2.2",
        "host =1.1.1.1|host =2.2.2.2",
        "host=1.1.1.1 host=3.3.3.3|host=1.1.1.1 host=2.2.2.2",
        "dbname=x|host=2.2.2.2 dbname=x",
        "dbname='host=a'|host=2.2.2.2 dbname='host=a'",
        "xhost=1.1.1.1|host=2.2.2.2 xhost=1.1.1.1",
        "host=/run/postgresql port=5|host=2.2.2.2 port=5",
        "host=1.1.1.1,1.1.1.2 port=5|host=2.2.2.2 port=5",
      })
  void shouldLeadAnEntryWhateverItIsLike(String before, String after) {
    for (var end : new String[] {"\n", "\r\n", "", "  \t\n", "\nz = host=9\n"}) {
      var text = "[databases]\na.b-c = " + before + end;
      var there = IniText.parse(text).with("a.b-c", "host", Optional.of("2.2.2.2"));
      assertThat(there.text()).isEqualTo("[databases]\na.b-c = " + after + end);
      assertThat(there.parameter("a.b-c", "host")).hasValue("2.2.2.2");
    }
  }

  @Test
  void shouldChangeTheLastOfSeveralEntriesOfOneName() {
    var text = "[databases]\na = host=1\n[x]\na = host=2\n[databases]\na = host=3\n";
    assertThat(IniText.parse(text).with("a", "host", Optional.of("4")).text())
        .isEqualTo(text.replace("3", "4"));
  }

  @Test
  void shouldTakeAParameterAway() {
    assertThat(without("port=1 host=2 dbname=3", "host")).isEqualTo("port=1 dbname=3");
    assertThat(without("port=1 host=2", "host")).isEqualTo("port=1");
    assertThat(without("host=2", "host")).isEmpty();
    assertThat(without("port=1", "host")).isEqualTo("port=1");
  }

  private static String without(String entry, String key) {
    var text = IniText.parse("[databases]\na=" + entry).with("a", key, Optional.empty()).text();
    return text.substring(text.indexOf("a=") + 2);
  }

  @Test
  void shouldRefuseWhatCannotStandThere() {
    var ini = IniText.parse(FILE);
    assertThatThrownBy(() -> ini.with("none", "host", Optional.of("1")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ini.with("app", "host", Optional.of("1\nx")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ini.with("app", "host", Optional.of("")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(ini.with("app", "dbname", Optional.of("a 'b'")).text())
        .contains("dbname='a ''b'''   host");
  }
}
