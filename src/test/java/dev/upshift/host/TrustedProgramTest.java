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

  /** In it, another program could be put in its place; not so where nobody may rename another's. */
  @Test
  void shouldRefuseWhatLiesInAFolderOfOthers() throws IOException {
    var programs = Files.createDirectory(folder.resolve("programs"));
    var script = Files.move(script("rwxr-xr-x"), programs.resolve("lead"));
    var link = Files.createDirectory(folder.resolve("links")).resolve("lead");
    Files.createSymbolicLink(link, script);
    for (var open : List.of(folder, programs, folder.resolve("links"))) {
      var mode = Files.getPosixFilePermissions(open);
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxr-x"));
      refuses(List.of(link.toString()), link.toString(), "others may change the folder " + open);
      refuses(List.of("sh", link.toString()), "others may change the folder " + open);
      Files.setAttribute(open, "unix:mode", 01777);
      assertThatCode(() -> TrustedProgram.require(here, List.of(link.toString())))
          .doesNotThrowAnyException();
      Files.setPosixFilePermissions(open, mode);
    }
  }

  /** Links may lead to links, and to folders: each of them could be led elsewhere. */
  @Test
  void shouldRefuseALinkOnTheWayThatLiesInAFolderOfOthers() throws IOException {
    var programs = Files.createDirectory(folder.resolve("programs"));
    Files.move(script("rwxr-xr-x"), programs.resolve("lead"));
    var open = Files.createDirectory(folder.resolve("open"));
    var relative = Files.createSymbolicLink(open.resolve("now"), Path.of("../programs"));
    var first = Files.createSymbolicLink(folder.resolve("current"), relative);
    var program = first.resolve("lead").toString();
    assertThatCode(() -> TrustedProgram.require(here, List.of(program))).doesNotThrowAnyException();
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxr-x"));
    refuses(List.of(program), "others may change the folder " + open);
    refuses(List.of("sh", program), "others may change the folder " + open);
  }

  @Test
  void shouldNameAProgramThatIsNotThere() {
    refuses(List.of("no-such-program"), "there is no program no-such-program");
    refuses(List.of("/no/such/program"), "there is no program /no/such/program");
  }
}
