package dev.upshift.host;

/** This machine. */
class LocalHostTalkTest extends HostTalkContract {
  @Override
  Host host(String name, Witness witness) {
    return new LocalHost(name, witness);
  }
}
