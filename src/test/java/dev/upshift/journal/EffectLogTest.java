package dev.upshift.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EffectLogTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() {
    file = folder.resolve("effects.jsonl");
    append("db1", "SQL: CHECKPOINT");
    append("db2", "kill -TERM 1");
    append("web1", "replace /etc/hosts (1 bytes)");
  }

  /** As each process that works on a run does. */
  private void append(String host, String what) {
    try (var log = new EffectLog(file)) {
      log.append(host, what);
    }
  }

  @Test
  void shouldFindNothingWrongWithWhatItWrote() {
    assertThat(EffectLog.wrong(file)).isEmpty();
    assertThat(EffectLog.count(file)).isEqualTo(3);
  }

  @Test
  void shouldNameTheLineThatWasChanged() throws IOException {
    Files.writeString(file, Files.readString(file).replace("TERM 1", "TERM 2"));
    assertThat(EffectLog.wrong(file))
        .hasValueSatisfying(what -> assertThat(what).contains("line 2"));
  }

  @Test
  void shouldNoticeThatALineIsGone() throws IOException {
    var lines = new ArrayList<>(Files.readAllLines(file));
    lines.remove(1);
    Files.write(file, lines);
    assertThat(EffectLog.wrong(file))
        .hasValueSatisfying(what -> assertThat(what).contains("line 2"));
  }

  @Test
  void shouldNoticeALineThatWasAdded() throws IOException {
    var lines = new ArrayList<>(Files.readAllLines(file));
    lines.add(1, lines.getFirst());
    Files.write(file, lines);
    assertThat(EffectLog.wrong(file)).isPresent();
  }

  @Test
  void shouldNoticeALineThatIsNone() throws IOException {
    Files.write(file, List.of("{}"), StandardOpenOption.APPEND);
    assertThat(EffectLog.wrong(file)).hasValue("line 4 is no effect");
  }

  @Test
  void shouldCutOffWhatAKilledProcessHadHalfWritten() throws IOException {
    Files.writeString(file, "{\"at\": \"20", StandardOpenOption.APPEND);
    append("db1", "after it");
    assertThat(EffectLog.wrong(file)).isEmpty();
    assertThat(EffectLog.count(file)).isEqualTo(4);
  }
}
