package dev.upshift.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ProbeOptionsTest {
  private static final ProbeOptions OPTIONS =
      new ProbeOptions(
          Path.of("/run/probe.log"),
          Path.of("/run/stop"),
          "app_ro",
          "app",
          "upshift_probe",
          Path.of("/run/pass"),
          5432,
          "db2.internal",
          "db1.internal",
          20,
          true,
          Map.of("sslmode", "require"),
          Optional.of(
              new HostsCopy(Path.of("/run/copy"), List.of("ssh", "web1", "--", "cat; sleep"))));

  @Test
  void shouldReadTheArgumentsItGives() {
    assertThat(ProbeOptions.parse(OPTIONS.arguments())).isEqualTo(OPTIONS);
  }

  @Test
  void shouldStartTheMainClassWithNamesLookedUpAfresh() {
    assertThat(OPTIONS.command(Path.of("java"), "a.jar:b.jar", Optional.of(Path.of("/run/hosts"))))
        .startsWith("java")
        .contains("-Dsun.net.inetaddr.ttl=0", "-Djdk.net.hosts.file=/run/copy")
        .containsSequence("-cp", "a.jar:b.jar", "dev.upshift.probe.ProbeMain", "--log");
  }

  @Test
  void shouldRefuseWrongArguments() {
    assertRefused("--rate is missing", "--rate", null);
    assertRefused("--rate '0' is not a number", "--rate", "0");
    assertRefused("--port 'x' is not a number", "--port", "x");
    assertRefused("--writes is neither", "--writes", "yes");
    List<String> unknown = new ArrayList<>(OPTIONS.arguments());
    unknown.addAll(List.of("--colour", "red"));
    assertThatThrownBy(() -> ProbeOptions.parse(unknown)).hasMessageContaining("--colour");
    assertThatThrownBy(() -> ProbeOptions.parse(List.of("--log")))
        .hasMessageContaining("--log has no value");
  }

  private static void assertRefused(
      String message, String name, @org.jspecify.annotations.Nullable String value) {
    List<String> arguments = new ArrayList<>(OPTIONS.arguments());
    int at = arguments.indexOf(name);
    arguments.remove(at + 1);
    arguments.remove(at);
    if (value != null) {
      arguments.addAll(List.of(name, value));
    }
    assertThatThrownBy(() -> ProbeOptions.parse(arguments))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining(message);
  }
}
