package dev.upshift.host;

import dev.upshift.testing.ThrowawaySshd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** This machine behind an OpenSSH server of a test's own, and the connections to it. */
record SshMachine(ThrowawaySshd sshd, SshConnections connections) implements AutoCloseable {

  static SshMachine start(String... settings) throws IOException {
    return new SshMachine(ThrowawaySshd.start(settings), new SshConnections());
  }

  /** The same whose sh is another program. */
  static SshMachine startWithShell(Path shell) throws IOException {
    return new SshMachine(ThrowawaySshd.startWithShell(shell), new SshConnections());
  }

  /** A host whose connection is open. */
  SshHost openHost(String name, Witness witness) {
    var host = host(name, witness);
    connections.open(List.of(host));
    return host;
  }

  SshHost host(String name, Witness witness) {
    return connections.host(name, sshd.reach(), witness);
  }

  @Override
  public void close() throws IOException {
    connections.close();
    sshd.close();
  }
}
