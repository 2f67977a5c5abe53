package dev.upshift.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A machine whose sh is bash, as Red Hat's have it. */
@Tag("real")
class SshHostOnBashTest extends HostCommandsContract {
  @RegisterExtension
  static final SshMachineOfClass MACHINE =
      new SshMachineOfClass(() -> SshMachine.startWithShell(Path.of("/bin/bash")));

  @Override
  Host host(String name, Witness witness) {
    return MACHINE.get().openHost(name, witness);
  }

  @Test
  void shouldRunOnBash() {
    if (System.getProperty("user.name").equals("root")) { // nobody else may mount
      var said = host("web1", Witness.NONE).ask(Command.of("sh", "-c", "echo $BASH_VERSION"));
      assertThat(said.out()).isNotBlank();
    }
  }
}
