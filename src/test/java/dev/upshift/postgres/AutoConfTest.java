package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoConfTest {
  @TempDir Path folder;
  private Path file;
  private AutoConf conf;

  @BeforeEach
  void open() {
    file = folder.resolve("postgresql.auto.conf");
    conf = new AutoConf(new LocalHost("here", Witness.NONE), file);
  }

  @Test
  void shouldPutOursBehindTheirsAndInPlaceOfOursBefore() throws IOException {
    Files.writeString(file, "work_mem = '8MB'\n");
    conf.append(Map.of("port", "5433"));
    conf.append(Map.of("port", "5434"));
    assertThat(Files.readString(file))
        .isEqualTo("work_mem = '8MB'\n# set by upshift\nport = '5434'\n");
  }

  /** A backup was taken of one that we made once, and the program adds at the end. */
  @Test
  void shouldKeepWhatARestoreAddedBehindAnOldMarkOfOurs() throws IOException {
    conf.append(Map.of("primary_slot_name", "of_another_time"));
    Files.writeString(
        file,
        Files.readString(file)
            + "restore_command = 'fetch %f %p'\nrecovery_target_time = 'yesterday'\n");
    conf.disown();
    conf.append(Map.of("primary_slot_name", "of_today"));
    assertThat(conf.word("restore_command")).contains("fetch %f %p");
    assertThat(conf.word("primary_slot_name")).contains("of_today");
    assertThat(Files.readString(file)).doesNotContain("recovery_target");
  }
}
