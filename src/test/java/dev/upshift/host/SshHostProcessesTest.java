package dev.upshift.host;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** A machine behind an OpenSSH server. */
@Tag("real")
class SshHostProcessesTest extends HostProcessesContract {
  private static SshMachine machine;

  @BeforeAll
  static void start() throws Exception {
    machine = SshMachine.start();
  }

  @AfterAll
  static void end() throws Exception {
    machine.close();
  }

  @Override
  Host host(String name, Witness witness) {
    return machine.host(name, witness);
  }
}
