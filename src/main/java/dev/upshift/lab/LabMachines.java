package dev.upshift.lab;

import dev.upshift.host.Host;
import dev.upshift.host.LocalHost;
import dev.upshift.host.SshConnections;
import dev.upshift.host.SshReach;
import dev.upshift.host.Witness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The machines of the lab's servers: this one under many names, or hosts of their own. Connections
 * are made when they are needed first, kept until {@link #close}, and made anew after it.
 */
final class LabMachines implements AutoCloseable {
  /** They are as near as can be. */
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);

  private final Optional<Path> configuration;
  private Optional<SshConnections> connections = Optional.empty();

  private LabMachines(Optional<Path> configuration) {
    this.configuration = configuration;
  }

  /** Every server is on this machine. */
  static LabMachines here() {
    return new LabMachines(Optional.empty());
  }

  /** Each is reached by the system's ssh, with this configuration. */
  static LabMachines separate(Path configuration) {
    return new LabMachines(Optional.of(configuration));
  }

  /** What ssh is told, where it is used. */
  Optional<Path> configuration() {
    return configuration;
  }

  boolean areSeparate() {
    return configuration.isPresent();
  }

  synchronized Host host(String name) {
    if (configuration.isEmpty()) {
      return new LocalHost(name, Witness.NONE);
    }
    var open = connections.orElseGet(SshConnections::new);
    connections = Optional.of(open);
    var reach =
        SshReach.of(name).withConfiguration(configuration.get()).withConnectLimit(CONNECT_LIMIT);
    return open.host(name, reach, Witness.NONE);
  }

  @Override
  public synchronized void close() {
    connections.ifPresent(SshConnections::close);
    connections = Optional.empty();
  }
}
