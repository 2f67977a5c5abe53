package dev.upshift.host;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustedProgramTest {
  private final Host here = new LocalHost("here", Witness.NONE);
  @TempDir Path folder;

  private Path script(String mode) throws IOException {
    var script = Files.writeString(folder.resolve("lead it"), "#!/bin/sh\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString(mode));
  }

  private void refuses(List<String> command, String... said) {
    assertThatThrownBy(() -> TrustedProgram.require(here, command))
        .isInstanceOf(WorldError.class)
        .hasMessageContainingAll(said);
  }

  @Test
  void shouldTakeOurOwn() throws IOException {
    var script = script("rwxr-xr-x").toString();
    assertThatCode(() -> TrustedProgram.require(here, List.of(script, "--to", "/no/such/file")))
        .doesNotThrowAnyException();
    assertThatCode(() -> TrustedProgram.require(here, List.of("sh", script)))
        .doesNotThrowAnyException();
  }

  @Test
  void shouldRefuseWhatOthersMayWrite() throws IOException {
    for (var mode : List.of("rwxrwxr-x", "rwxr-xrwx")) {
      var script = script(mode).toString();
      refuses(List.of(script), script, "others may change it");
      refuses(List.of("sh", script), script, "others may change it");
    }
  }

  @Test
  void shouldNameAProgramThatIsNotThere() {
    refuses(List.of("no-such-program"), "there is no program no-such-program");
    refuses(List.of("/no/such/program"), "there is no program /no/such/program");
  }
}
