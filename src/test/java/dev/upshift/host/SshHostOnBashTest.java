package dev.upshift.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.testing.ThrowawaySshd;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A machine whose sh is bash, as Red Hat's have it. */
@Tag("real")
class SshHostOnBashTest extends HostCommandsContract {
  private static SshMachine machine;

  @BeforeAll
  static void start() throws Exception {
    machine =
        new SshMachine(ThrowawaySshd.startWithShell(Path.of("/bin/bash")), new SshConnections());
  }

  @AfterAll
  static void end() throws Exception {
    machine.close();
  }

  @Override
  Host host(String name, Witness witness) {
    return machine.openHost(name, witness);
  }

  @Test
  void shouldRunOnBash() {
    if (System.getProperty("user.name").equals("root")) { // nobody else may mount
      var said = host("web1", Witness.NONE).ask(Command.of("sh", "-c", "echo $BASH_VERSION"));
      assertThat(said.out()).isNotBlank();
    }
  }
}
