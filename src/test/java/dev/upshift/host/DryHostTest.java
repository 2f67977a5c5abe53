package dev.upshift.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dry run shows what would be done and does nothing of it. */
class DryHostTest {
  private final List<String> effects = new ArrayList<>();
  private final Host host =
      new DryHost(
          new LocalHost("db1", Witness.NONE), (where, what) -> effects.add(where + ": " + what));
  @TempDir Path folder;

  @Test
  void shouldShowEveryEffectAndChangeNothing() throws IOException {
    var file = Files.writeString(folder.resolve("f"), "a\nb\n");
    var job = folder.resolve("job");
    host.run(Command.of("rm", file));
    host.replaceText(file, "a\nc\n");
    host.makeFolder(folder.resolve("new"));
    host.move(file, folder.resolve("g"));
    host.launch(job, Command.of("touch", folder.resolve("launched")));
    host.remove(file);
    host.tell(folder.resolve("socket"), "disable server web/web2");
    assertThat(host.await(job, Deadline.in(Duration.ofSeconds(1))))
        .isEqualTo(new JobState.Ended(0));
    assertThat(effects)
        .containsExactly(
            "db1: rm " + file,
            "db1: replace " + file + "\n  - b\n  + c",
            "db1: mkdir -p -m 0700 " + folder.resolve("new"),
            "db1: rename " + file + " to " + folder.resolve("g"),
            "db1: touch " + folder.resolve("launched"),
            "db1: remove " + file,
            "db1: disable server web/web2  > " + folder.resolve("socket"));
    assertThat(file).hasContent("a\nb\n");
    assertThat(host.list(folder)).containsExactly("f");
  }

  @Test
  void shouldShowNoPassword() throws IOException {
    var file = Files.writeString(folder.resolve("f"), "app = host=a password='x y' b\n");
    host.replaceText(file, "app = host=b PASSWORD = hunter2 b\n");
    assertThat(effects)
        .containsExactly(
            "db1: replace "
                + file
                + "\n  - app = host=a password=*** b\n  + app = host=b PASSWORD = *** b");
  }

  @Test
  void shouldAskButOnlyShowWhatItWouldTell() throws IOException {
    var file = folder.resolve("f");
    try (var talk = host.talk(Command.of("sh"), "echo %s")) {
      assertThat(talk.tell("touch " + file, Deadline.in(Duration.ofSeconds(10)))).isEmpty();
      assertThat(talk.ask("echo there", Deadline.in(Duration.ofSeconds(10)))).isEqualTo("there");
    }
    assertThat(effects).containsExactly("db1: touch " + file + "  > sh");
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldReadAReplacedFileBackAsItWouldBe() throws IOException {
    var file = Files.writeString(folder.resolve("f"), "a");
    host.replaceText(file, "b");
    assertThat(host.readText(file)).hasValue("b");
    assertThat(host.exists(folder.resolve("g"))).isFalse();
    host.replaceText(folder.resolve("g"), "c");
    assertThat(host.exists(folder.resolve("g"))).isTrue();
    host.remove(folder.resolve("g"));
    assertThat(host.exists(folder.resolve("g"))).isFalse();
  }

  @Test
  void shouldShowAStagedContentWhenItWouldBeCommitted() throws IOException {
    var file = Files.writeString(folder.resolve("f"), "a\n");
    try (var staged = host.stage(file, "b\n".getBytes(java.nio.charset.StandardCharsets.UTF_8))) {
      assertThat(effects).isEmpty();
      staged.commit();
    }
    assertThat(effects).containsExactly("db1: replace " + file + "\n  - a\n  + b");
    assertThat(file).hasContent("a\n");
    assertThat(host.list(folder)).containsExactly("f");
    assertThat(host.reach(file)).isEqualTo(file);
  }

  @Test
  void shouldNeverShowASecret() {
    var file = folder.resolve("passfile");
    host.replaceSecret(file, "*:*:*:*:s3cret\n");
    host.replaceText(file, "nothing");
    assertThat(effects).noneMatch(effect -> effect.contains("s3cret"));
    assertThat(file).doesNotExist();
  }

  @Test
  void shouldLookAtTheRealMachine() {
    assertThat(host.ask(Command.of("echo", "x")).out()).isEqualTo("x\n");
    assertThat(effects).isEmpty();
  }
}
