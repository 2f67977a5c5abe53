package dev.upshift.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PassFileTest {
  @TempDir Path folder;

  @Test
  void shouldTakeTheFirstLineThatFits() {
    var file =
        PassFile.parse(
            List.of(
                "# db1:5432:app:probe:comment",
                "db1:5433:app:probe:other-port",
                "db1:5432:app:probe:exact",
                "*:*:*:probe:any",
                "broken line"));
    assertThat(file.password("db1", 5432, "app", "probe")).contains("exact");
    assertThat(file.password("db2", 5432, "app", "probe")).contains("any");
    assertThat(file.password("db1", 5432, "app", "somebody")).isEmpty();
  }

  @Test
  void shouldTakeEscapedColonsAndBackslashes() {
    var file = PassFile.parse(List.of("::1:1:d:u:never", "\\:\\:1:5432:a\\\\b:u:p\\:q\\\\r:s"));
    assertThat(file.password("::1", 5432, "a\\b", "u")).contains("p:q\\r:s");
  }

  @Test
  void shouldNotTakeAnEscapedStarForAWildcard() {
    var file = PassFile.parse(List.of("\\*:5432:d:u:star"));
    assertThat(file.password("db1", 5432, "d", "u")).isEmpty();
    assertThat(file.password("*", 5432, "d", "u")).contains("star");
  }

  @Test
  void shouldRefuseAFileThatOthersMayRead() throws IOException {
    Path file = Files.writeString(folder.resolve("pass"), "*:*:*:*:secret\n");
    for (String wrong : List.of("rw-r-----", "rw----r--", "rw--w----")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(wrong));
      assertThatThrownBy(() -> PassFile.read(file))
          .isInstanceOf(UsageError.class)
          .hasMessageContaining(file.toString())
          .hasMessageNotContaining("secret");
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(PassFile.read(file).password("h", 1, "d", "u")).contains("secret");
  }
}
