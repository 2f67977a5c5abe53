package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ProxyTextTest {
  private static final String TEXT =
      """
      # server pg 10.0.0.9:1
      global
          stats socket /run/admin.sock level admin
      listen write  # the primary
        bind :5432
        server pg 10.0.0.11:5432 check inter 1s # by hand
        server other 10.0.0.11:5432
      backend read\r
      \tserver  pg\t10.0.0.12  check\r
      frontend pg
        server pg 10.0.0.13:5432
      listen six
        server pg [2001:db8::1]:6432 check\
      """;

  private static String pointing(String name, String host, Optional<String> port) {
    return new ProxyText(TEXT).pointing(Map.of(name, new Target(host, port))).text();
  }

  @Test
  void shouldChangeOneAddressAndNothingElse() {
    assertThat(pointing("write/pg", "10.0.0.14", Optional.empty()))
        .isEqualTo(
            TEXT.replace(
                "server pg 10.0.0.11:5432 check inter", "server pg 10.0.0.14:5432 check inter"));
    assertThat(pointing("write/pg", "10.0.0.14", Optional.of("5433")))
        .isEqualTo(TEXT.replace("10.0.0.11:5432 check inter", "10.0.0.14:5433 check inter"));
    assertThat(pointing("read/pg", "10.0.0.14", Optional.empty()))
        .isEqualTo(TEXT.replace("\t10.0.0.12  check\r", "\t10.0.0.14  check\r"));
    assertThat(pointing("six/pg", "2001:db8::2", Optional.empty()))
        .isEqualTo(TEXT.replace("[2001:db8::1]", "[2001:db8::2]"));
  }

  @Test
  void shouldKnowSectionsWhateverStandsBeforeThem() {
    var indented =
        TEXT.replace("frontend pg", "  frontend pg").replace("listen six", "\tlisten six");
    assertThat(new ProxyText(indented).addresses()).isEqualTo(new ProxyText(TEXT).addresses());
    assertThat(new ProxyText(TEXT).addresses())
        .isEqualTo(
            Map.of(
                "write/pg", "10.0.0.11:5432",
                "write/other", "10.0.0.11:5432",
                "read/pg", "10.0.0.12",
                "six/pg", "[2001:db8::1]:6432"));
  }

  @Test
  void shouldBringBackTheWordThatStoodThere() {
    var named = new ProxyText(TEXT.replace("10.0.0.11:5432 check", "db1.internal:5432 check"));
    var led = named.pointing(Map.of("write/pg", new Target("10.0.0.14", Optional.of("5433"))));
    assertThat(led.text()).contains("10.0.0.14:5433 check").doesNotContain("db1.internal");
    assertThat(led.with(named.addresses())).isEqualTo(named);
  }

  @Test
  void shouldLeaveAnotherWayToWriteTheSame() {
    assertThat(pointing("six/pg", "2001:DB8:0::1", Optional.of("6432"))).isEqualTo(TEXT);
  }

  @Test
  void shouldLeaveWhatIsNotItsOwn() {
    assertThat(pointing("global/pg", "10.0.0.14", Optional.empty())).isEqualTo(TEXT);
    assertThat(pointing("pg/pg", "10.0.0.14", Optional.empty())).isEqualTo(TEXT);
    assertThat(pointing("write/none", "10.0.0.14", Optional.empty())).isEqualTo(TEXT);
  }
}
