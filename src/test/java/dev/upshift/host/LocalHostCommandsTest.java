package dev.upshift.host;

/** This machine. */
class LocalHostCommandsTest extends HostCommandsContract {
  @Override
  Host host(String name, Witness witness) {
    return new LocalHost(name, witness);
  }
}
