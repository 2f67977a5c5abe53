package dev.upshift.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** This machine. */
class LocalHostFilesTest extends HostFilesContract {
  @Override
  Host host(String name, Witness witness) {
    return new LocalHost(name, witness);
  }

  /** In a mount namespace of its own, which ends with the child; a rename over a mount is EBUSY. */
  @Test
  void shouldWriteIntoAFileThatIsAMountPoint() throws Exception {
    var mounted = Files.writeString(folder.resolve("mounted"), "old, and longer than the new text");
    var source =
        Files.writeString(folder.resolve("source"), "source, and longer than the new text");
    var script = "mount --bind \"$1\" \"$2\" && shift 2 && \"$@\"";
    var command =
        new ArrayList<>(
            List.of("unshare", "--mount", "--map-root-user", "--", "sh", "-c", script, "sh"));
    if (System.getProperty("user.name").equals("root")) {
      command.remove("--map-root-user");
    }
    command.addAll(List.of(source.toString(), mounted.toString()));
    command.addAll(HostChild.command("replace", mounted.toString(), "short"));
    var child = new ProcessBuilder(command).redirectErrorStream(true).start();
    var said = new String(child.getInputStream().readAllBytes(), UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    assertThat(said).contains("reads back: short");
    // What was bound is what was written into; the file under the mount is as it was.
    assertThat(source).hasContent("short");
    assertThat(mounted).hasContent("old, and longer than the new text");
    assertThat(host("web1", Witness.NONE).list(folder)).containsExactly("mounted", "source");
  }
}
