package dev.upshift.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The connection is lost: every call ends, nothing is done twice, and the next call works. */
@Tag("real")
class SshLossTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(10);

  private SshMachine machine;
  private SshHost host;
  @TempDir Path folder;

  @BeforeEach
  void start() throws IOException {
    machine = SshMachine.start();
    host = machine.openHost("db1", Witness.NONE);
    assertThat(host.ask(Command.of("true")).ok()).isTrue();
  }

  @AfterEach
  void end() throws IOException {
    machine.close();
  }

  /** Writes a line, and lasts only the first time. */
  private Command lasting() {
    var file = folder.resolve("runs");
    var script = "echo run >>$1; [ $(wc -l <$1) -gt 1 ] || sleep 30; echo done";
    return Command.of("sh", "-c", script, "sh", file);
  }

  private void loseWhenItRuns() {
    Thread.ofPlatform()
        .start(() -> {
          Deadline.in(SOON).until(PAUSE, () -> Files.exists(folder.resolve("runs")));
          machine.sshd().sessions().forEach(ProcessHandle::destroyForcibly);
        });
  }

  /** Until it is noticed, a change may end with an error. */
  private void lose() {
    machine.sshd().sessions().forEach(ProcessHandle::destroyForcibly);
    assertThat(host.exists(folder)).isTrue();
  }

  @Test
  void shouldNeverRunTwiceWhatChangesSomething() {
    loseWhenItRuns();
    var lost = catchThrowableOfType(WorldError.class, () -> host.attempt(lasting()));
    assertThat(lost)
        .hasMessageStartingWith("db1: the connection was lost while 'sh -c ")
        .hasMessageContaining("it may have run");
    assertThat(lost.hint()).contains("look whether it was done");
    assertThat(folder.resolve("runs")).hasContent("run");
    assertThat(host.ask(Command.of("echo", "again")).out()).isEqualTo("again\n");
  }

  @Test
  void shouldLookOnceMoreOverANewConnection() {
    loseWhenItRuns();
    assertThat(host.ask(lasting()).out()).isEqualTo("done\n");
    assertThat(folder.resolve("runs")).hasContent("run\nrun");
  }

  @Test
  void shouldOpenAnewWhatWasLostWhileNobodyUsedIt() {
    lose();
    host.run(Command.of("touch", folder.resolve("touched")));
    assertThat(folder.resolve("touched")).exists();
  }

  @Test
  void shouldEndWithinTheLimitWhenNothingComesBack() throws IOException {
    machine.sshd().signalSessions("STOP");
    var began = System.nanoTime();
    var late =
        catchThrowableOfType(
            WorldError.class, () -> host.attempt(Command.of("true").within(Duration.ofSeconds(1))));
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(6));
    assertThat(late)
        .hasMessageContaining("db1: 'true' did not end within 1 s")
        .hasMessageContaining("it may still run");
    assertThat(late.hint()).isNotEmpty();
    assertThat(host.ask(Command.of("echo", "again")).out()).isEqualTo("again\n");
  }

  @Test
  @Tag("full")
  void shouldNoticeWithinHalfAMinuteThatNothingComesBack() throws IOException {
    machine.sshd().signalSessions("STOP");
    var began = System.nanoTime();
    assertThatExceptionOfType(WorldError.class)
        .isThrownBy(() -> host.attempt(Command.of("sleep", "1").within(Duration.ofMinutes(5))))
        .withMessageContaining("the connection was lost while 'sleep 1'");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void shouldFindAgainWhatRunsDetached() {
    var job = folder.resolve("job");
    var go = folder.resolve("go");
    var script =
        "echo run >>" + folder.resolve("runs") + "; until [ -e " + go + " ]; do sleep 0.05; done";
    var command = Command.of("sh", "-c", script);
    host.launch(job, command);
    lose();
    host.launch(job, command);
    assertThat(host.state(job)).isEqualTo(new JobState.Running());
    lose();
    host.replaceText(go, "");
    assertThat(host.await(job, Deadline.in(SOON))).isEqualTo(new JobState.Ended(0));
    assertThat(folder.resolve("runs")).hasContent("run");
  }

  @Test
  void shouldKillWhatRunsDetachedOverANewConnection() {
    var job = folder.resolve("job");
    host.launch(job, Command.of("sleep", "60"));
    lose();
    host.kill(job, SOON);
    assertThat(host.state(job)).isEqualTo(new JobState.Lost());
  }

  @Test
  void shouldSayThatNobodyListensAndReturnWhenSomebodyDoes() throws IOException {
    machine.sshd().stop();
    var refused = catchThrowableOfType(WorldError.class, () -> host.exists(folder));
    assertThat(refused)
        .hasMessageStartingWith("db1: no connection to 'machine'")
        .hasMessageContaining("Connection refused");
    assertThat(refused.hint()).contains("is the SSH server running");
    machine.sshd().startAgain();
    assertThat(host.exists(folder)).isTrue();
  }

  @Test
  void shouldEndATalkAndGoOnWithAnother() {
    try (var talk = host.talk(Command.of("sh"), "echo %s")) {
      machine.sshd().sessions().forEach(ProcessHandle::destroyForcibly);
      assertThatExceptionOfType(WorldError.class)
          .isThrownBy(() -> talk.ask("echo x", Deadline.in(SOON)))
          .withMessageContaining("db1: 'sh' has ended");
      assertThat(talk.isOpen()).isFalse();
    }
    try (var talk = host.talk(Command.of("sh"), "echo %s")) {
      assertThat(talk.ask("echo x", Deadline.in(SOON))).isEqualTo("x");
    }
  }

  @Test
  void shouldRefuseAHostKeyThatIsNotTheKnownOne() throws IOException {
    var known = machine.sshd().knownHosts();
    var right = Files.readString(known);
    // Another key, of the same kind: that of the client.
    var other = right.split(" ")[0] + " " + Files.readString(known.resolveSibling("id.pub"));
    machine.sshd().sessions().forEach(ProcessHandle::destroyForcibly);
    Files.writeString(known, other);
    var changed = catchThrowableOfType(WorldError.class, () -> host.exists(folder));
    assertThat(changed).hasMessageContaining("Host key verification failed");
    assertThat(changed.hint()).contains("ssh-keygen -R");
    Files.writeString(known, "");
    var unknown = catchThrowableOfType(WorldError.class, () -> host.exists(folder));
    assertThat(unknown.hint()).contains("log in once");
    Files.writeString(known, right);
    assertThat(host.exists(folder)).isTrue();
  }
}
