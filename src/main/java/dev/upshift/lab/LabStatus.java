package dev.upshift.lab;

import dev.upshift.topology.PgVersion;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a lab is doing.
 *
 * @param servers one for each data directory there is, by name and version
 * @param processes the poolers, HAProxy, the fleets, the visitors
 */
public record LabStatus(List<ServerStatus> servers, List<ProcessStatus> processes) {

  /**
   * A database server of one version.
   *
   * @param name the server's name in the topology
   * @param problem why a running server could not be asked
   */
  public record ServerStatus(
      String name,
      String address,
      int port,
      PgVersion version,
      boolean running,
      Optional<Role> role,
      Optional<Following> following,
      Optional<String> problem) {}

  /** What a running server is. */
  public enum Role {
    PRIMARY,
    STANDBY
  }

  /**
   * Whom a standby follows.
   *
   * @param state of its WAL receiver, usually {@code streaming}
   * @param primary the address it receives from
   * @param slot the slot it receives under
   * @param notReplayedBytes received but not yet replayed
   */
  public record Following(
      String state, String primary, Optional<String> slot, OptionalLong notReplayedBytes) {}

  /** A process that is no database server. */
  public record ProcessStatus(String name, boolean running) {}
}
