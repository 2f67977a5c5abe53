package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Command;
import dev.upshift.host.SshConnections;
import dev.upshift.host.SshHost;
import dev.upshift.host.SshReach;
import dev.upshift.host.Witness;
import dev.upshift.testing.LabFixture;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts of their own on this machine, with real namespaces and real SSH servers. */
@Tag("real")
class SeparateHostsTest {
  private static final Path HOSTS = Path.of("/etc/hosts");
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final Duration CUT = Duration.ofSeconds(3);
  private static final Path SSHD = LabFixture.programs().sshd();

  @TempDir(factory = ShortTemporaryFolder.class)
  private Path parent;

  private Path dir;
  private HostTraces traces;

  @BeforeEach
  void lookAround() {
    dir = parent.resolve("hosts");
    traces = HostTraces.before(dir);
  }

  @AfterEach
  void nothingIsLeft() {
    try {
      assertThat(traces.left()).isEmpty();
    } finally {
      SeparateHosts.remove(dir);
    }
  }

  private SeparateHosts up(String... names) {
    var hosts = SeparateHosts.up(dir, List.of(names), SSHD);
    traces = traces.seeing(hosts);
    assertThat(traces.ours()).hasSizeGreaterThanOrEqualTo(5 * names.length);
    return hosts;
  }

  private SshHost ssh(SshConnections connections, SeparateHosts hosts, String name) {
    return connections.host(
        name, SshReach.of(name).withConfiguration(hosts.sshConfig()), Witness.NONE);
  }

  @Test
  void shouldBeSeparateInAllThatTwoMachinesAre() throws IOException {
    var machines = Files.readString(HOSTS);
    var hosts = up("db1", "web1");
    try (var connections = new SshConnections()) {
      var one = ssh(connections, hosts, "db1");
      var two = ssh(connections, hosts, "web1");

      var inode = one.ask(Command.of("stat", "-c", "%i", HOSTS)).orFail().out();
      one.replaceText(HOSTS, "127.0.0.1 localhost\n" + hosts.address("web1") + " web.internal\n");

      assertThat(one.ask(Command.of("stat", "-c", "%i", HOSTS)).out()).isNotEqualTo(inode);
      assertThat(one.ask(Command.of("getent", "hosts", "web.internal")).out())
          .startsWith(hosts.address("web1"));
      assertThat(one.list(Path.of("/etc"))).noneMatch(name -> name.contains("upshift"));
      assertThat(two.ask(Command.of("getent", "hosts", "web.internal")).ok()).isFalse();
      assertThat(HOSTS).hasContent(machines);
      for (var host : List.of(one, two)) {
        assertThat(host.ask(Command.of("uname", "-n")).out().strip()).isEqualTo(host.name());
        assertThat(host.readText(Path.of("/etc/hostname"))).hasValue(host.name() + "\n");
        // Each has process 1, which is the host's own, and none of another's.
        assertThat(host.readText(Path.of("/proc/1/cmdline")).orElse(""))
            .contains(dir + "/" + host.name());
        assertThat(host.ask(Command.of("ps", "-e")).out().lines()).hasSizeLessThan(20);
      }
      one.replaceText(Path.of("/run/mine"), "one");
      one.replaceText(Path.of("/dev/shm/mine"), "one");
      assertThat(two.exists(Path.of("/run/mine"))).isFalse();
      assertThat(two.exists(Path.of("/dev/shm/mine"))).isFalse();
      assertThat(Path.of("/run/mine")).doesNotExist();
    }
    hosts.down();
  }

  @Test
  void shouldListenOnTheSamePortAndReachEachOther() throws IOException {
    var hosts = up("db1", "web1");
    try (var connections = new SshConnections()) {
      for (var name : hosts.names()) {
        // Everything of one address on one port: here it would be taken the second time.
        var host = ssh(connections, hosts, name);
        assertThat(host.ask(Command.of("ss", "-Hltn")).out()).contains(hosts.address(name) + ":22");
      }
      var banner = "exec 3<>/dev/tcp/%s/22; head -c 3 <&3".formatted(hosts.address("web1"));
      assertThat(
              ssh(connections, hosts, "db1").ask(Command.of("bash", "-c", banner)).orFail().out())
          .isEqualTo("SSH");
      try (var here = new ServerSocket(0, 1, InetAddress.getByName(hosts.addressHere()))) {
        var back = "exec 3<>/dev/tcp/%s/%d".formatted(hosts.addressHere(), here.getLocalPort());
        assertThat(ssh(connections, hosts, "db1").ask(Command.of("bash", "-c", back)).ok())
            .isTrue();
      }
    }
    hosts.down();
  }

  @Test
  void shouldGiveKeysToNobodyElse() throws IOException {
    var hosts = up("db1");
    try (Stream<Path> files = Files.list(dir)) {
      assertThat(files)
          .isNotEmpty()
          .allSatisfy(file ->
              assertThat(Files.getPosixFilePermissions(file))
                  .hasSize(Files.isDirectory(file) ? 3 : 2));
    }
    assertThat(Files.getPosixFilePermissions(dir)).hasSize(3);
    hosts.down();
  }

  @Test
  void shouldBeSilentWhenCutOffAndGoOnWhenJoined() throws Exception {
    var hosts = up("db1", "web1");
    try (var connections = new SshConnections()) {
      var one = ssh(connections, hosts, "db1");
      var two = ssh(connections, hosts, "web1");
      connections.open(List.of(one, two));

      hosts.cutOff("db1");
      assertThatThrownBy(() -> connect(hosts.address("db1")).close())
          .isInstanceOf(SocketTimeoutException.class);
      var fromTwo = "exec 3<>/dev/tcp/%s/22".formatted(hosts.address("db1"));
      assertThat(two.ask(Command.of("timeout", "2", "bash", "-c", fromTwo)).exit()).isEqualTo(124);
      long begin = System.nanoTime();
      var answer =
          CompletableFuture.supplyAsync(() -> one.ask(Command.of("uname", "-n")).out().strip());
      dev.upshift.time.Clock.system().sleep(CUT);
      assertThat(answer).isNotDone();

      hosts.join("db1");
      assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("db1");
      System.out.printf(
          Locale.ROOT, "cut off for 3 s: the answer came after %d ms%n", millisSince(begin));
      connect(hosts.address("db1")).close();
    }
    hosts.down();
  }

  @Test
  void shouldEndConnectionsAndRefuseOthersAtOnceWhenReset() throws Exception {
    var hosts = up("db1", "web1");
    try (var connections = new SshConnections();
        var idle = connect(hosts.address("db1"))) {
      var two = ssh(connections, hosts, "web1");
      connections.open(List.of(two));
      skipBanner(idle.getInputStream());
      idle.setSoTimeout(5000);

      long begin = System.nanoTime();
      hosts.reset("db1");
      assertThatThrownBy(() -> idle.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
      assertThatThrownBy(() -> connect(hosts.address("db1")).close())
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("refused");
      System.out.printf(Locale.ROOT, "reset within %d ms%n", millisSince(begin));
      var fromTwo = "exec 3<>/dev/tcp/%s/22".formatted(hosts.address("db1"));
      var said = two.ask(Command.of("timeout", "5", "bash", "-c", fromTwo));
      assertThat(said.err()).contains("refused");
      assertThat(hosts.runs("db1")).isTrue();

      hosts.join("db1");
      connect(hosts.address("db1")).close();
      assertThat(ssh(connections, hosts, "db1").ask(Command.of("true")).ok()).isTrue();
    }
    hosts.down();
  }

  @Test
  void shouldTakeOneCutAfterTheOther() throws Exception {
    var hosts = up("db1");
    hosts.reset("db1");
    hosts.reset("db1");
    hosts.cutOff("db1");
    assertThatThrownBy(() -> connect(hosts.address("db1")).close())
        .isInstanceOf(SocketTimeoutException.class);
    hosts.reset("db1");
    assertThatThrownBy(() -> connect(hosts.address("db1")).close())
        .isInstanceOf(ConnectException.class);
    hosts.join("db1");
    hosts.join("db1");
    connect(hosts.address("db1")).close();
    hosts.reset("db1");
    hosts.down();
  }

  @Test
  void shouldEndAllThatRunsOnTheHostsAndLeaveNothing() throws Exception {
    var hosts = up("db1", "db2");
    try (var connections = new SshConnections()) {
      for (var name : hosts.names()) {
        var host = ssh(connections, hosts, name);
        host.launch(Path.of("/run/job"), Command.of("sleep", "86399"));
        host.run(
            Command.of("setsid", "--fork", "sh", "-c", "trap '' TERM HUP; sleep 86399 & wait"));
      }
    }
    assertThat(sleepers()).hasSize(4);

    // As another process does it, which knows of the folder only.
    SeparateHosts.at(dir).down();
    assertThat(sleepers()).isEmpty();
    SeparateHosts.remove(dir);
  }

  private static List<String> sleepers() {
    return Residents.processes()
        .map(pid -> String.join(" ", Residents.words(pid)))
        .filter("sleep 86399"::equals)
        .toList();
  }

  @Test
  void shouldLeaveNothingWhenItFailsHalfWay() {
    assertThatThrownBy(() -> SeparateHosts.up(dir, List.of("db1", "db2"), Path.of("/bin/false")))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("did not come up");
    assertThat(dir).doesNotExist();
  }

  @Test
  void shouldComeUpAgainAfterItsServerWasKilled() {
    var hosts = up("db1");
    try (var connections = new SshConnections()) {
      var host = ssh(connections, hosts, "db1");
      host.attempt(
          Command.of(
              "sh", "-c", "trap '' HUP; setsid sh -c 'sleep 0.2; kill -9 $(pgrep -o sshd)' &"));
      boolean refused = Deadline.in(SOON).until(PAUSE, () -> !answers(hosts.address("db1")));
      boolean again = Deadline.in(SOON).until(PAUSE, () -> answers(hosts.address("db1")));
      assertThat(refused).isTrue();
      assertThat(again).isTrue();
    }
    hosts.down();
  }

  @Test
  void shouldStandBesideOthersAndComeAndGoWithinSeconds() {
    var names =
        List.of(
            "db1", "db2", "db3", "db4", "web1", "web2", "web3", "api1", "api2", "work1", "work2",
            "login1");
    long begin = System.nanoTime();
    var hosts = up(names.toArray(String[]::new));
    long up = millisSince(begin);
    var others = SeparateHosts.up(parent.resolve("others"), List.of("db1"), SSHD);
    assertThat(others.address("db1")).isNotEqualTo(hosts.address("db1"));
    others.down();
    assertThat(names).allMatch(name -> answers(hosts.address(name)));
    begin = System.nanoTime();
    hosts.down();
    System.out.printf(
        Locale.ROOT, "12 hosts: up in %d ms, down in %d ms%n", up, millisSince(begin));
  }

  private static boolean answers(String address) {
    try (var socket = connect(address)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static Socket connect(String address) throws IOException {
    var socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(address, 22), 1500);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static void skipBanner(InputStream in) throws IOException {
    int read = in.read();
    while (read != '\n') {
      read = in.read();
    }
  }

  private static long millisSince(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin).toMillis();
  }
}
