package dev.upshift.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upshift.failure.InputError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopologyFileTest {
  @TempDir Path folder;

  @Test
  void shouldReadEveryKey() throws IOException {
    var topology = TopologyFile.read(write(SampleTopology.TEXT));

    assertThat(topology.file()).isEqualTo(folder.resolve("t.yaml"));
    assertThat(topology.cluster()).isEqualTo("podcasts");
    assertThat(topology.access()).isEqualTo(Topology.Access.LOCAL);
    assertThat(topology.stateDir()).isEqualTo(folder.resolve(".upshift"));
    assertThat(topology.oldCluster())
        .isEqualTo(
            new Topology.Side(
                PgVersion.of(17),
                Path.of("/opt/pg/17/bin"),
                "/srv/{server}/17/main",
                5432,
                "/srv/{server}/run"));
    assertThat(topology.newCluster().port()).isEqualTo(5432);
    assertThat(topology.newCluster().sockets(topology.candidate()))
        .isEqualTo(Path.of("/srv/db4/run"));
    assertThat(topology.admin())
        .isEqualTo(
            new Topology.Admin("postgres", Path.of("/home/ops/.pgpass"), "postgres", "postgres"));
    assertThat(topology.primary())
        .isEqualTo(new Topology.Server("db1", "127.0.0.11", Topology.Role.PRIMARY));
    assertThat(topology.candidate().name()).isEqualTo("db4");
    assertThat(topology.standbys()).extracting(Topology.Server::name).containsExactly("db2", "db3");
    assertThat(topology.names().entrySet())
        .extracting(Object::toString)
        .containsExactly("db1.internal=db1", "db2.internal=db2", "db3.internal=db3");
    assertThat(topology.traffic().hostsFile().orElseThrow().on("web1"))
        .isEqualTo(Path.of("/srv/web1/hosts"));
  }

  @Test
  void shouldReadFleetsLimitsAndProbe() throws IOException {
    var topology = TopologyFile.read(write(SampleTopology.TEXT));

    assertThat(topology.online().rest()).containsExactly("web2", "web3", "api2");
    assertThat(topology.online().park()).isEqualTo("db3");
    assertThat(topology.online().balancer())
        .contains(
            new Topology.HaProxy(
                Path.of("/run/haproxy/admin.sock"), java.util.List.of("web", "api"), "lb1"));
    assertThat(topology.offline().first()).containsExactly("work1", "work2");
    assertThat(topology.offline().status())
        .containsExactly("systemctl", "is-active", "worker@{server}");
    assertThat(topology.limits())
        .isEqualTo(
            new Topology.Limits(Duration.ofHours(2), Duration.ofMillis(500), 20L << 30, 20L << 30));
    assertThat(topology.probe())
        .contains(
            new Topology.Probe(
                "upshift_probe",
                "podcasts",
                50,
                false,
                "web1",
                "db2.internal",
                "db1.internal",
                5432,
                "podcasts",
                "podcasts"));
  }

  @Test
  void shouldPutInDefaults() throws IOException {
    var text =
        SampleTopology.without("access", "state", "offline", "limits", "probe")
            .replace(", os-user: postgres, database: postgres", "")
            .replaceAll("  (park|balancer).*\n", "");
    var topology = TopologyFile.read(write(text));

    assertThat(topology.access()).isEqualTo(Topology.Access.LOCAL);
    assertThat(topology.stateDir()).isEqualTo(folder.resolve(".upshift"));
    assertThat(topology.admin().osUser()).isEqualTo("postgres");
    assertThat(topology.admin().database()).isEqualTo("postgres");
    assertThat(topology.online().park()).isEqualTo("db2");
    assertThat(topology.online().balancer()).isEqualTo(Optional.empty());
    assertThat(topology.offline().servers()).isEmpty();
    assertThat(topology.limits())
        .isEqualTo(
            new Topology.Limits(
                Duration.ofMinutes(10), Duration.ofSeconds(5), 16L << 20, 20L << 30));
    assertThat(topology.probe()).isEmpty();
  }

  @Test
  void shouldReadWindowsLineEndsAndByteOrderMark() throws IOException {
    var text = "\uFEFF" + SampleTopology.TEXT.replace("\n", "\r\n");
    assertThat(TopologyFile.read(write(text)).cluster()).isEqualTo("podcasts");
  }

  @Test
  void shouldListEveryComplaintInTheOrderOfTheFile() throws IOException {
    var file =
        write(
            SampleTopology.TEXT
                .replace("cluster: podcasts", "cluster: Podcasts!")
                .replace("role: candidate", "role: standby")
                .replace("minimal: [web1, api1]", "minimal: [web9]")
                .replace("probe:", "prob:"));

    var error = catchThrowableOfType(InputError.class, () -> TopologyFile.read(file));

    assertThat(String.valueOf(error.getMessage()).lines())
        .containsExactly(
            file
                + ":1:10: 'cluster': 'Podcasts!' is not a cluster name"
                + " (HINT: lower-case letters, digits, '_' and '-', at most 40)",
            file
                + ":7:1: no server is the candidate"
                + " (HINT: give exactly one server 'role: candidate')",
            file
                + ":17:13: 'online.minimal': web9 is not one of online.servers"
                + " (HINT: did you mean 'web1'?)",
            file + ":27:1: unknown key 'prob' (HINT: did you mean 'probe'?)");
    assertThat(error.hint()).contains("upshift schema");
  }

  @Test
  void shouldNeverRepeatAnInlinePassword() throws IOException {
    for (var spoiled :
        java.util.List.of(
            SampleTopology.with("admin: {", "admin: {password: hunter2, "),
            SampleTopology.with("admin: {", "admin: {password: 'hunter2, "),
            SampleTopology.with("admin: {", "admin: {password: \"hunter2\nx: @,, "),
            SampleTopology.with("admin: {", "admin: {password: hunter2: a, "))) {
      var file = write(spoiled);
      var error = catchThrowableOfType(InputError.class, () -> TopologyFile.read(file));
      assertThat(error.getMessage() + error.hint()).doesNotContain("hunter2");
    }
  }

  @Test
  void shouldComplainAboutAFileThatIsNotThere() {
    complains(folder.resolve("none.yaml"), "none.yaml does not exist");
  }

  @Test
  void shouldComplainAboutADirectory() {
    complains(folder, folder + " is a directory");
  }

  @Test
  void shouldComplainAboutAFileThatMayNotBeRead() {
    // The superuser may read everything, so the refusal of the system is handed in.
    var file = folder.resolve("t.yaml");
    assertThat(TopologyFile.unreadable(file, new AccessDeniedException("t.yaml")))
        .hasMessage(file + " may not be read by this user");
  }

  @Test
  void shouldComplainAboutAFileThatFailsWhileItIsRead() {
    complains(Path.of("/proc/self/mem"), "/proc/self/mem cannot be read: ");
  }

  @Test
  void shouldComplainAboutAFileThatIsTooLarge() throws IOException {
    complains(write("# comment\n".repeat(200_000)), "is larger than 1 MiB");
  }

  @Test
  void shouldComplainAboutBytesThatAreNotUtf8() throws IOException {
    var file = folder.resolve("t.yaml");
    Files.write(file, "cluster: a\nstate: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    complains(file, file + ":2:11: this is not UTF-8");
  }

  private void complains(Path file, String what) {
    assertThatThrownBy(() -> TopologyFile.read(file))
        .isInstanceOf(InputError.class)
        .hasMessageContaining(what);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("t.yaml"), text);
  }
}
