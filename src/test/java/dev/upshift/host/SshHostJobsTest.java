package dev.upshift.host;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A machine behind an OpenSSH server. */
@Tag("real")
class SshHostJobsTest extends HostJobsContract {
  @RegisterExtension
  static final SshMachineOfClass MACHINE = new SshMachineOfClass(SshMachine::start);

  @Override
  Host host(String name, Witness witness) {
    return MACHINE.get().host(name, witness);
  }
}
