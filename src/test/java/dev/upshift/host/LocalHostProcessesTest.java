package dev.upshift.host;

/** This machine. */
class LocalHostProcessesTest extends HostProcessesContract {
  @Override
  Host host(String name, Witness witness) {
    return new LocalHost(name, witness);
  }
}
