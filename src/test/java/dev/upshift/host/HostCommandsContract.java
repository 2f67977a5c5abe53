package dev.upshift.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands on a machine: what is given arrives, what is said comes back, nothing lasts for ever.
 */
abstract class HostCommandsContract {
  private static final String ODD =
      "abc XYZ019-_=+%@:,./'\"`$&|;<>(){}[]*?~#!\\^\t\n\r\u00e9\u4e2d\ud83d\ude00";
  private static final Duration SOON = Duration.ofSeconds(10);

  private final List<String> effects = new ArrayList<>();
  private final Host host = host("web1", (where, what) -> effects.add(what));
  @TempDir Path folder;

  /** The machine under test. */
  abstract Host host(String name, Witness witness);

  @Test
  void shouldHandOverEveryArgumentByteForByte() {
    var random = new Random(20_260_102);
    for (int i = 0; i < 1_000; i++) {
      var arguments = new ArrayList<String>();
      for (int n = random.nextInt(6); n >= 0; n--) {
        arguments.add(word(random));
      }
      var output = host.ask(Command.of("printf", "%s\\0").with(arguments.toArray()));
      var expected = arguments.stream().map(word -> word + "\0").collect(Collectors.joining());
      assertThat(output.out()).isEqualTo(expected);
    }
  }

  /** What a log shows can be typed into a shell, and means the same there. */
  @Test
  void shouldShowACommandAsAShellReadsItBack() {
    var random = new Random(7);
    for (int i = 0; i < 100; i++) {
      var command = Command.of("printf", "%s\\0", word(random), word(random));
      var typed = host.ask(Command.of("sh", "-c", command.toString()));
      assertThat(typed.out()).isEqualTo(host.ask(command).out());
    }
  }

  private static String word(Random random) {
    var points = ODD.codePoints().toArray();
    var word = new StringBuilder();
    for (int n = random.nextInt(12); n > 0; n--) {
      word.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return word.toString();
  }

  @Test
  void shouldReturnExitCodeAndBothOutputs() {
    var output = host.ask(Command.of("sh", "-c", "echo out; echo err >&2; exit 42"));
    assertThat(output)
        .extracting(Output::exit, Output::out, Output::err)
        .containsExactly(42, "out\n", "err\n");
    assertThatExceptionOfType(WorldError.class)
        .isThrownBy(() -> output.orFail("look there"))
        .withMessage("web1: 'sh -c 'echo out; echo err >&2; exit 42'' exited with 42\n  out\n  err")
        .extracting(WorldError::hint)
        .isEqualTo("look there");
  }

  @Test
  void shouldNameAProgramThatCannotBeStarted() {
    for (var program : List.of("/no/such/program", "no-such-program", "/etc/passwd", "/tmp")) {
      assertThatExceptionOfType(WorldError.class)
          .isThrownBy(() -> host.ask(Command.of(program, "a b")))
          .withMessageStartingWith("web1: '" + program + " 'a b'' could not be started")
          .extracting(WorldError::hint)
          .isEqualTo("is it installed?");
    }
    var output = host.ask(Command.of("sh", "-c", "/no/such/program"));
    assertThat(output.exit()).isEqualTo(127);
    assertThat(output.err()).containsAnyOf("not found", "No such file");
  }

  @Test
  void shouldGiveAFixedEnvironmentAndNoMore() {
    var output = host.ask(Command.of("env").set("PGTZ", "UTC"));
    assertThat(output.out().lines().map(line -> line.split("=", 2)[0]))
        .containsExactlyInAnyOrder("PATH", "LC_ALL", "HOME", "PGTZ");
    assertThat(host.ask(Command.of("pwd")).out()).isEqualTo("/\n");
  }

  @Test
  void shouldHandOverStandardInputEvenWhereNobodyReadsIt() {
    assertThat(host.ask(Command.of("cat").reading("a\u00e9\n")).out()).isEqualTo("a\u00e9\n");
    assertThat(host.ask(Command.of("true").reading("x".repeat(1_000_000))).exit()).isZero();
  }

  @Test
  void shouldKeepItsTimeLimitWhereTheProgramDoesNotReadItsInput() {
    assertOverdue(Command.of("sleep", "30").reading("x".repeat(1_000_000)));
  }

  @Test
  void shouldNotWaitForWhatAProgramLeavesBehindWithItsOutputOpen() {
    for (var pause : List.of("0", "0.01", "0.1", "0.5")) {
      var began = System.nanoTime();
      var script = "echo said; sleep 60 & echo $!; sleep " + pause;
      var output = host.ask(Command.of("sh", "-c", script));
      host.ask(Command.of("kill", "-KILL", output.out().lines().toList().getLast()));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
      assertThat(output.out()).startsWith("said\n");
    }
  }

  @Test
  void shouldEndTheWholeTreeWhenTheTimeIsOver() throws IOException {
    var script = "echo $$ >a; sh -c 'echo $$ >b; sleep 60; true'; true";
    assertOverdue(Command.of("sh", "-c", "cd " + folder + "; " + script));
    for (var name : List.of("a", "b")) {
      var pid = Files.readString(folder.resolve(name)).strip();
      assertThat(Deadline.in(SOON).until(Duration.ofMillis(10), () -> !runs(pid))).isTrue();
    }
  }

  private void assertOverdue(Command command) {
    var began = System.nanoTime();
    assertThatExceptionOfType(WorldError.class)
        .isThrownBy(() -> host.ask(command.within(Duration.ofSeconds(1))))
        .withMessageContaining("within 1 s");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
  }

  private boolean runs(String pid) {
    var state = host.ask(Command.of("ps", "-o", "stat=", "-p", pid)).out().strip();
    return !state.isEmpty() && !state.startsWith("Z");
  }

  @Test
  void shouldTellOfWhatChangesSomethingAndNotOfWhatLooks() {
    host.ask(Command.of("true"));
    host.run(Command.of("touch", folder.resolve("a b")));
    assertThat(effects).containsExactly("touch '" + folder.resolve("a b") + "'");
  }

  @Test
  void shouldWorkAsAnotherUserWhereWeMay() throws IOException {
    if (!System.getProperty("user.name").equals("root")) {
      assertThatExceptionOfType(WorldError.class)
          .isThrownBy(() -> host.as("nobody").ask(Command.of("true")))
          .withMessageContaining("cannot work as 'nobody'");
      return;
    }
    var nobody = host.as("nobody");
    assertThat(nobody.ask(Command.of("id", "-un")).out()).isEqualTo("nobody\n");
    var own = folder.resolve("own");
    nobody.makeFolder(own);
    nobody.replaceText(own.resolve("file"), "x");
    assertThat(Files.getOwner(own).getName()).isEqualTo("nobody");
    assertThat(Files.getOwner(own.resolve("file")).getName()).isEqualTo("nobody");
    assertThat(nobody.ask(Command.of("cat", "/etc/shadow")).ok()).isFalse();
    assertThat(nobody.as("nobody")).isSameAs(nobody);
  }

  @Test
  void shouldNameAUserThatIsMissing() {
    assertThatExceptionOfType(WorldError.class)
        .isThrownBy(() -> host.as("no-such-user").ask(Command.of("true")))
        .withMessageContaining("no operating system user 'no-such-user'");
  }

  @Test
  void shouldTalkToASocketUntilItCloses() throws Exception {
    var socket = folder.resolve("s");
    try (var server =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      server.bind(java.net.UnixDomainSocketAddress.of(socket));
      var answers = Thread.ofPlatform().start(() -> answer(server));
      assertThat(host.tell(socket, "show stat")).isEqualTo("you said: show stat\n");
      answers.join();
    }
    assertThat(effects).containsExactly("show stat  > " + socket);
    assertThatExceptionOfType(WorldError.class)
        .isThrownBy(() -> host.ask(folder.resolve("no"), "x"));
  }

  private static void answer(java.nio.channels.ServerSocketChannel server) {
    try (var channel = server.accept()) {
      var said =
          new String(java.nio.channels.Channels.newInputStream(channel).readAllBytes(), UTF_8);
      channel.write(UTF_8.encode("you said: " + said));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
