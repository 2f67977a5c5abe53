package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.upshift.failure.InputError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Password files, read as libpq reads them. */
class PassfileTest {
  @TempDir Path folder;

  @Test
  void shouldTakeTheFirstLineThatMatches() throws IOException {
    var file =
        passfile(
            """
            # 10.0.0.1:5432:db:ops:comment
            10.0.0.1:5432:db:ops:first
            10.0.0.1:*:*:ops:second
            *:*:*:*:any
            too:few:fields
            """);
    assertThat(file.password("10.0.0.1", 5432, "db", "ops")).hasValue("first");
    assertThat(file.password("10.0.0.1", 5433, "db", "ops")).hasValue("second");
    assertThat(file.password("10.0.0.2", 5433, "db", "ops")).hasValue("any");
  }

  @Test
  void shouldFindNothingWhereNoLineMatches() throws IOException {
    assertThat(passfile("h:1:d:u:p\n").password("h", 2, "d", "u")).isEmpty();
    assertThat(passfile("").password("h", 2, "d", "u")).isEmpty();
  }

  @Test
  void shouldReadEscapesAndColonsInThePassword() throws IOException {
    var file = passfile("a\\:\\:1:1:d\\\\b:u:p\\:w\\\\x:y z \n");
    assertThat(file.password("a::1", 1, "d\\b", "u")).hasValue("p:w\\x:y z ");
  }

  @Test
  void shouldReadBackTheLinesThatItWrites() throws IOException {
    var line = Passfile.line("fe80::1", "5432", "d:\\", "u:", "\\:\\\\p:");
    assertThat(passfile(line).password("fe80::1", 5432, "d:\\", "u:")).hasValue("\\:\\\\p:");
  }

  @Test
  void shouldRefuseAFileThatOthersMayRead() throws IOException {
    var path = Files.writeString(folder.resolve("p"), "*:*:*:*:x\n");
    for (var mode :
        new String[] {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rw---x---"}) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      assertThatExceptionOfType(InputError.class)
          .as(mode)
          .isThrownBy(() -> Passfile.read(path))
          .withMessage("the password file " + path + " can be read by others")
          .extracting(InputError::hint)
          .isEqualTo("chmod 0600 " + path);
    }
  }

  @Test
  void shouldNameAFileThatIsNotThere() {
    assertThatExceptionOfType(InputError.class)
        .isThrownBy(() -> Passfile.read(folder.resolve("none")))
        .withMessageContaining(folder.resolve("none") + " cannot be read");
  }

  private Passfile passfile(String text) throws IOException {
    var path = Files.writeString(folder.resolve("p" + System.nanoTime()), text);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    return Passfile.read(path);
  }
}
