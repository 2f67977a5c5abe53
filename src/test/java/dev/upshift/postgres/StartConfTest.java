package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartConfTest {
  @TempDir Path folder;

  private StartConf with(String text) throws IOException {
    Files.writeString(folder.resolve(StartConf.FILE), text);
    return new StartConf(new LocalHost("here", Witness.NONE), folder);
  }

  private String text() throws IOException {
    return Files.readString(folder.resolve(StartConf.FILE));
  }

  @Test
  void shouldComeUpWhenItIsSettledAndNotBefore() throws IOException {
    var meant = "# auto, manual or disabled\n auto # by hand\n";
    var copy = with(StartConf.forLater(meant));
    assertThat(text().lines().filter(line -> !line.startsWith("#")))
        .allMatch(line -> line.strip().startsWith("manual"));
    assertThat(copy.mayComeUp()).isFalse();
    assertThat(copy.comeUp()).isTrue();
    assertThat(text()).isEqualTo(meant);
    assertThat(copy.mayComeUp()).isTrue();
    assertThat(copy.comeUp()).isFalse();
  }

  @Test
  void shouldKeepWhatAnOperatorMeant() throws IOException {
    for (var word : new String[] {"manual", "disabled"}) {
      var conf = with(StartConf.forLater(word + "\n"));
      assertThat(conf.comeUp()).isFalse();
      conf.stayDown();
      assertThat(text()).isEqualTo(word + "\n");
      assertThat(conf.mayComeUp()).isTrue();
    }
  }

  @Test
  void shouldStayDown() throws IOException {
    with("auto\n").stayDown();
    assertThat(text()).isEqualTo("manual\n");
    assertThat(new StartConf(new LocalHost("here", Witness.NONE), folder.resolve("none")).comeUp())
        .isFalse();
  }
}
