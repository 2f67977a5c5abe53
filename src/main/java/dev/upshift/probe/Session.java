package dev.upshift.probe;

import dev.upshift.probe.log.Lane;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One client: no connection, or one. Used by one thread at a time. */
final class Session implements AutoCloseable {
  private final Connections connections;
  private final Lane lane;
  private @Nullable Connection held;

  Session(Connections connections, Lane lane) {
    this.connections = connections;
    this.lane = lane;
  }

  boolean isOpen() {
    return held != null;
  }

  /** The connection that is held, else a new one. */
  Connection connection() throws SQLException {
    Connection connection = held;
    if (connection == null) {
      connection = connections.open(lane);
      held = connection;
    }
    return connection;
  }

  /** Gives the connection up; the next one asked for is new. */
  void discard() {
    Connection connection = held;
    held = null;
    if (connection != null) {
      connections.close(connection);
    }
  }

  @Override
  public void close() {
    discard();
  }
}
