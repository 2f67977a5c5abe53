package dev.upshift.lab.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetTextTest {
  @Test
  void shouldNameEveryServerInItsBackend() {
    String text = config(Path.of("/run/lab/haproxy.sock"), Optional.empty()).text();
    assertThat(text)
        .contains("stats socket /run/lab/haproxy.sock mode 600 level admin\n")
        .contains("frontend site\n  bind 127.0.0.20:8080\n  default_backend web\n")
        .contains("  server web2 127.0.0.32:8080 check\n")
        .contains("backend api\n")
        .contains("  server api1 127.0.0.41:8080 check\n")
        .doesNotContain("  user ");
    assertThat(
            config(Path.of("/run/s"), Optional.of(new HaProxyConfig.Account("nobody", "nogroup")))
                .text())
        .contains("  user nobody\n  group nogroup\n");
  }

  @Test
  void shouldRefuseASocketThatHaProxyCouldNotMake() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config(Path.of("/" + "x".repeat(90)), Optional.empty()))
        .withMessageContaining("longer than 90 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> config(Path.of("/run/my lab/s"), Optional.empty()));
  }

  private static HaProxyConfig config(Path socket, Optional<HaProxyConfig.Account> account) {
    return new HaProxyConfig(
        socket,
        new InetSocketAddress("127.0.0.20", 8080),
        new InetSocketAddress("127.0.0.21", 8080),
        List.of(server("web1", "127.0.0.31"), server("web2", "127.0.0.32")),
        List.of(server("api1", "127.0.0.41")),
        account);
  }

  private static HaProxyConfig.Server server(String name, String address) {
    return new HaProxyConfig.Server(name, new InetSocketAddress(address, 8080));
  }

  @Test
  void shouldRefuseArgumentsItDoesNotKnow() {
    Set<String> known = Set.of("listen");
    assertThat(Arguments.parse(new String[] {"--listen", "127.0.0.1:80"}, known).address("listen"))
        .hasToString("/127.0.0.1:80");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Arguments.parse(new String[] {"--lisen", "x"}, known))
        .withMessage("unknown argument --lisen");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Arguments.parse(new String[] {"--listen"}, known))
        .withMessage("argument --listen has no value");
  }

  @Test
  void shouldRefuseAPasswordFileThatOthersCanRead(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("pgpass"));
    Arguments arguments = new Arguments(Map.of("passfile", file.toString()));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(arguments.passfile("passfile")).isEqualTo(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatIllegalArgumentException().isThrownBy(() -> arguments.passfile("passfile"));
  }

  @Test
  void shouldWriteJsonThatSurvivesQuotesAndLineBreaks() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("a\"b", "line\nnext");
    value.put("n", 3L);
    value.put("inner", Map.of("yes", true));
    assertThat(Json.write(value))
        .isEqualTo("{\"a\\\"b\":\"line\\u000anext\",\"n\":3,\"inner\":{\"yes\":true}}");
  }

  @Test
  void shouldWriteOneSettingALine() {
    FleetProcess process =
        new FleetProcess(
            Path.of("/jdk/bin/java"),
            "a.jar:b.jar",
            Optional.of(Path.of("/lab/hosts")),
            Optional.empty(),
            Worker.class,
            List.of("--kind", "two words"));
    assertThat(process.conf())
        .isEqualTo(
            """
            java=/jdk/bin/java
            classpath=a.jar:b.jar
            hosts=/lab/hosts
            main=dev.upshift.lab.fleet.Worker
            arg=--kind
            arg=two words
            """);
  }

  @Test
  void shouldLeaveNamesToTheMachineWhereNoFileIsSaid() {
    FleetProcess process =
        new FleetProcess(
            Path.of("/jdk/bin/java"),
            "a.jar",
            Optional.empty(),
            Optional.empty(),
            Worker.class,
            List.of());
    assertThat(process.conf()).doesNotContain("hosts=");
  }

  @Test
  void shouldShowWhatVisitorsTypedAsText() {
    assertThat(WebPages.escape("<b>\"Q&A\"</b>"))
        .isEqualTo("&lt;b&gt;&quot;Q&amp;A&quot;&lt;/b&gt;");
  }
}
