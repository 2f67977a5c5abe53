package dev.upshift.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upshift.failure.WorldError;
import dev.upshift.postgres.UnixSocketFactory;
import dev.upshift.testing.ThrowawayServer;
import dev.upshift.testing.ThrowawaySshd;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections are opened, shared, refused and ended. */
@Tag("real")
class SshConnectionsTest {
  private static final boolean ROOT = System.getProperty("user.name").equals("root");
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(20);
  @TempDir Path folder;

  /** Also where the server allows fewer sessions than there would be. */
  @Test
  void shouldServeManyThreadsAtOnce() throws Exception {
    for (var settings : List.of("MaxSessions 10", "MaxSessions 2")) {
      try (var machine = SshMachine.start(settings)) {
        var host = machine.host("db1", Witness.NONE);
        var wrong = new ConcurrentLinkedQueue<String>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 16; i++) {
          var own = "thread " + i;
          threads.add(Thread.ofPlatform().start(() -> useOften(host, own, wrong)));
        }
        for (var thread : threads) {
          thread.join();
        }
        assertThat(wrong).isEmpty();
      }
    }
  }

  private static void useOften(Host host, String own, ConcurrentLinkedQueue<String> wrong) {
    for (int n = 0; n < 25; n++) {
      try {
        var said = host.ask(Command.of("echo", own)).out();
        if (!said.equals(own + "\n")) {
          wrong.add(own + ": " + said);
        }
      } catch (RuntimeException e) {
        wrong.add(own + ": " + e);
      }
    }
  }

  /** The server drops what is more than ten logins at a time. */
  @Test
  void shouldOpenManyConnectionsButNotAllAtOnce() throws Exception {
    try (var machine = SshMachine.start("MaxStartups 10:100:10")) {
      var hosts =
          IntStream.range(0, 20).mapToObj(i -> machine.host("web" + i, Witness.NONE)).toList();
      machine.connections().open(hosts);
      assertThat(machine.sshd().sessions()).hasSizeGreaterThanOrEqualTo(20);
      for (var host : hosts) {
        assertThat(host.ask(Command.of("echo", host.name())).out()).isEqualTo(host.name() + "\n");
      }
    }
  }

  @Test
  void shouldKeepAnswersCleanOfWhatAProgramThatWasLeftBehindSays() throws Exception {
    try (var machine = SshMachine.start()) {
      var host = machine.host("db1", Witness.NONE);
      var script =
          "(while :; do echo noise; echo noise >&2; sleep 0.01; done) & echo $!; sleep 0.1";
      var first = host.ask(Command.of("sh", "-c", script)).out();
      var pid = first.lines().filter(line -> !line.equals("noise")).findFirst().orElseThrow();
      for (int i = 0; i < 100; i++) {
        var output = host.ask(Command.of("sh", "-c", "echo out; echo err >&2"));
        assertThat(output.out() + output.err()).isEqualTo("out\nerr\n");
      }
      host.run(Command.of("kill", "-KILL", pid));
    }
  }

  @Test
  void shouldSayWhoWasNotLetIn() throws Exception {
    try (var sshd = ThrowawaySshd.start();
        var connections = new SshConnections()) {
      var nobody = connections.host("db1", sshd.reach().withUser("no-such-user"), Witness.NONE);
      var denied = catchThrowableOfType(WorldError.class, () -> nobody.exists(folder));
      assertThat(denied).hasMessageContaining("Permission denied");
      assertThat(denied.hint()).contains("ssh -v");
      var unknown =
          connections.host(
              "db2",
              SshReach.of("no-such-machine.invalid").withConfiguration(Path.of("/dev/null")),
              Witness.NONE);
      assertThatExceptionOfType(WorldError.class)
          .isThrownBy(() -> connections.open(List.of(nobody, unknown)));
      assertThatExceptionOfType(WorldError.class)
          .isThrownBy(() -> unknown.exists(folder))
          .withMessageStartingWith("db2: no connection to 'no-such-machine.invalid'")
          .extracting(WorldError::hint)
          .asString()
          .contains("correct the name");
    }
  }

  @Test
  void shouldSayThatItMayNotBecomeAnotherUser() throws Exception {
    try (var sshd = ThrowawaySshd.start();
        var connections = new SshConnections()) {
      var reach = ROOT ? sshd.reach().withUser(ThrowawaySshd.OPS) : sshd.reach();
      var host = connections.host("db1", reach, Witness.NONE);
      var self = host.ask(Command.of("id", "-un")).out().strip();
      assertThat(host.as(self).ask(Command.of("id", "-un")).out().strip()).isEqualTo(self);
      var refused =
          catchThrowableOfType(WorldError.class, () -> host.as("nobody").ask(Command.of("true")));
      assertThat(refused)
          .hasMessageContaining("db1: cannot work as 'nobody' from the account '" + self + "'");
      assertThat(refused.hint()).contains(self + " ALL=(nobody) NOPASSWD: ALL");
    }
  }

  @Test
  void shouldWriteIntoAFileThatIsAMountPoint() throws Exception {
    if (!ROOT) {
      return; // nobody else may mount
    }
    try (var machine = SshMachine.start()) {
      var host = machine.host("web1", Witness.NONE);
      var mounted = Files.writeString(folder.resolve("mounted"), "old, longer than the new");
      var source = Files.writeString(folder.resolve("source"), "source, longer than the new");
      host.run(Command.of("mount", "--bind", source, mounted));
      host.replaceText(mounted, "short");
      assertThat(host.readText(mounted)).hasValue("short");
      assertThat(source).hasContent("short");
      assertThat(mounted).hasContent("old, longer than the new");
      assertThat(host.list(folder)).containsExactly("mounted", "source");
    }
  }

  @Test
  void shouldLeadToASocketOverEveryConnection() throws Exception {
    var there = folder.resolve("there");
    try (var machine = SshMachine.start();
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(there));
      Thread.ofPlatform().daemon().start(() -> answerAll(server));
      var host = machine.host("db1", Witness.NONE);
      var here = host.reach(there);
      assertThat(here).isNotEqualTo(there);
      assertThat(host.reach(there)).isEqualTo(here);
      assertThat(UnixSocket.ask(here, "x")).isEqualTo("hello");
      assertThat(host.as("nobody").reach(there)).isEqualTo(here);
      machine.sshd().sessions().forEach(ProcessHandle::destroyForcibly);
      assertThat(host.exists(there)).isTrue();
      assertThat(UnixSocket.ask(here, "x")).isEqualTo("hello");
    }
  }

  @Test
  void shouldLeadToAServerThatListensOnItsSocketOnly() throws Exception {
    try (var server = ThrowawayServer.start(ThrowawayServer.DEBIAN_15);
        var machine = SshMachine.start()) {
      var there = server.passfile().resolveSibling("sockets/.s.PGSQL." + server.port());
      var login = new Properties();
      login.setProperty("user", ThrowawayServer.ADMIN);
      login.setProperty("password", Files.readString(server.passfile()).strip().split(":")[4]);
      login.setProperty("sslmode", "disable");
      login.setProperty("gssEncMode", "disable");
      login.setProperty("socketFactory", UnixSocketFactory.class.getName());
      login.setProperty(
          "socketFactoryArg", machine.host("db4", Witness.NONE).reach(there).toString());
      try (var connection = DriverManager.getConnection("jdbc:postgresql://db4/postgres", login);
          var statement = connection.createStatement();
          var answer =
              statement.executeQuery("SELECT coalesce(inet_server_addr()::text, 'socket')")) {
        assertThat(answer.next()).isTrue();
        assertThat(answer.getString(1)).isEqualTo("socket");
      }
    }
  }

  /** As the machine comes to it: here on each of its loopback addresses, IPv6's too. */
  @Test
  void shouldLeadToAPort() throws Exception {
    try (var machine = SshMachine.start()) {
      var host = machine.host("db1", Witness.NONE);
      for (var address : NetworkInterface.getByName("lo").inetAddresses().toList()) {
        try (var server = ServerSocketChannel.open()) {
          server.bind(new InetSocketAddress(address, 0));
          var port = ((InetSocketAddress) server.getLocalAddress()).getPort();
          Thread.ofPlatform().daemon().start(() -> answerAll(server));
          var there = address.getHostAddress().replaceFirst("%.*", "");
          var here = host.reach(there, port).orElseThrow();
          assertThat(host.reach(there, port)).hasValue(here);
          assertThat(UnixSocket.ask(here, "x")).as(there).isEqualTo("hello");
        }
      }
    }
  }

  @Test
  void shouldSayThatNobodyListensAtASocket() throws Exception {
    var dead = folder.resolve("dead");
    try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(dead));
    }
    try (var machine = SshMachine.start()) {
      assertThatExceptionOfType(WorldError.class)
          .isThrownBy(() -> machine.host("lb1", Witness.NONE).ask(dead, "show stat"))
          .withMessageContaining("lb1: no answer from " + dead + " to 'show stat'");
    }
  }

  private static void answerAll(ServerSocketChannel server) {
    try {
      while (true) {
        try (var channel = server.accept()) {
          channel.read(ByteBuffer.allocate(1)); // who closes unread answers with a reset
          channel.write(ByteBuffer.wrap("hello".getBytes(UTF_8)));
        }
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  @Test
  void shouldLeaveNothingBehindWhenClosed() throws Exception {
    try (var sshd = ThrowawaySshd.start()) {
      Host host;
      Path control;
      try (var connections = new SshConnections()) {
        host = connections.host("db1", sshd.reach(), Witness.NONE);
        control = parent(parent(host.reach(folder.resolve("s"))));
        assertThat(host.ask(Command.of("true")).ok()).isTrue();
        assertThat(processesNaming(control)).isNotEmpty();
      }
      assertThatExceptionOfType(WorldError.class)
          .isThrownBy(() -> host.exists(folder))
          .withMessageContaining("db1: the connection has been closed");
      assertThat(control).doesNotExist();
      assertGone(control, sshd);
    }
  }

  @Test
  void shouldLeaveNoProcessBehindWhenItIsKilled() throws Exception {
    try (var sshd = ThrowawaySshd.start()) {
      var configuration = sshd.reach().configuration().orElseThrow().toString();
      var child = new ProcessBuilder(HostChild.command("connect", configuration, "30")).start();
      Path control;
      try (var said = child.inputReader(UTF_8)) {
        control = Path.of(said.readLine());
        child.destroyForcibly();
        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
      }
      assertGone(control, sshd);
      try (var files = Files.walk(control)) {
        for (var file : files.toList().reversed()) {
          Files.delete(file);
        }
      }
    }
  }

  private static void assertGone(Path control, ThrowawaySshd sshd) {
    assertThat(
            Deadline.in(SOON)
                .until(
                    PAUSE, () -> processesNaming(control).isEmpty() && sshd.sessions().isEmpty()))
        .as("%s %s", processesNaming(control), sshd.sessions())
        .isTrue();
  }

  private static Path parent(Path path) {
    return java.util.Objects.requireNonNull(path.getParent());
  }

  private static List<String> processesNaming(Path path) {
    return ProcessHandle.allProcesses()
        .map(process -> process.info().commandLine().orElse(""))
        .filter(line -> line.contains(path.toString()))
        .toList();
  }
}
