package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HbaOnDiskTest {
  private static final HbaFile THEN = new HbaFile("host all all all reject\n");

  @TempDir Path folder;
  private final List<String> effects = new ArrayList<>();
  private Path file = Path.of("");
  private HbaOnDisk hba = new HbaOnDisk(new LocalHost("db1", Witness.NONE), file);

  @BeforeEach
  void lay() throws IOException {
    file = folder.resolve("pg_hba.conf");
    Files.writeString(file, "local all all peer\n");
    hba = new HbaOnDisk(new LocalHost("db1", (_, effect) -> effects.add(effect)), file);
  }

  @Test
  void shouldPutInPlaceWhatLiesReady() throws IOException {
    hba.layReady(THEN);
    assertThat(Files.readString(file)).isEqualTo("local all all peer\n");
    var ready = there().stream().filter(name -> !name.equals("pg_hba.conf")).toList();
    assertThat(ready).hasSize(1);
    var key = Files.readAttributes(folder.resolve(ready.getFirst()), "unix:ino").get("ino");
    assertThat(effects).as("nobody's file was changed").isEmpty();
    hba.write(THEN);
    assertThat(Files.readString(file)).isEqualTo(THEN.text());
    assertThat(Files.readAttributes(file, "unix:ino").get("ino")).isEqualTo(key);
    assertThat(there()).containsExactly("pg_hba.conf");
    assertThat(effects).hasSize(1).first().asString().contains("replace " + file);
  }

  @Test
  void shouldNotPutInPlaceWhatIsNoLongerWanted() throws IOException {
    hba.layReady(THEN);
    hba.write(new HbaFile("# somebody has edited it meanwhile\n"));
    assertThat(Files.readString(file)).isEqualTo("# somebody has edited it meanwhile\n");
    assertThat(there()).containsExactly("pg_hba.conf");
  }

  @Test
  void shouldLeaveNothingOfWhatWasNotUsed() throws IOException {
    hba.layReady(THEN);
    hba.layReady(new HbaFile("# another\n"));
    hba.forget();
    assertThat(there()).containsExactly("pg_hba.conf");
    hba.write(THEN);
    assertThat(Files.readString(file)).isEqualTo(THEN.text());
  }

  @Test
  void shouldTakeAwayWhatAKilledProcessHasLaidReady() throws IOException {
    Files.writeString(folder.resolve(".pg_hba.conf.999999999-1.upshift"), "never used\n");
    hba.forget();
    assertThat(there()).containsExactly("pg_hba.conf");
    assertThat(Files.readString(file)).isEqualTo("local all all peer\n");
  }

  private List<String> there() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
