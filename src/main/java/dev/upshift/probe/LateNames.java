package dev.upshift.probe;

import dev.upshift.probe.log.Lane;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Connections by a copy of a hosts file, which comes a tenth of a second late. Whoever reads the
 * file itself would have gone elsewhere already: so where one could not be made, and the copy turns
 * out to have been an old one, it is tried once more. The attempt goes on meanwhile, and lasts as
 * much longer.
 */
final class LateNames implements Connections {
  private static final Duration LATEST = Duration.ofSeconds(2);

  private final Connections connections;
  private final HostsCopy.Keeping copy;

  LateNames(Connections connections, HostsCopy.Keeping copy) {
    this.connections = connections;
    this.copy = copy;
  }

  @Override
  public Link open(Lane lane) throws SQLException {
    long changes = copy.changes();
    try {
      return connections.open(lane);
    } catch (SQLException e) {
      try {
        copy.awaitLaterOne(LATEST);
      } catch (InterruptedException interrupt) {
        Thread.currentThread().interrupt();
      }
      if (copy.changes() == changes) {
        throw e;
      }
      return connections.open(lane);
    }
  }

  @Override
  public void close(Connection connection) {
    connections.close(connection);
  }
}
