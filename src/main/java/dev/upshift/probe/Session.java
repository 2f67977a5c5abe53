package dev.upshift.probe;

import dev.upshift.probe.log.Lane;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One client: no connection, or one. Used by one thread at a time. */
final class Session implements AutoCloseable {
  private final Connections connections;
  private final Lane lane;
  private @Nullable Link held;

  Session(Connections connections, Lane lane) {
    this.connections = connections;
    this.lane = lane;
  }

  boolean isOpen() {
    return held != null;
  }

  /** The connection that is held, else a new one. */
  Connection connection() throws SQLException {
    return link().connection();
  }

  /** What is seen on the wire of the connection that is held, else of a new one. */
  ReplyWatch watch() throws SQLException {
    return link().watch();
  }

  private Link link() throws SQLException {
    Link link = held;
    if (link == null) {
      link = connections.open(lane);
      held = link;
    }
    return link;
  }

  /** Gives the connection up; the next one asked for is new. */
  void discard() {
    Link link = held;
    held = null;
    if (link != null) {
      connections.close(link.connection());
    }
  }

  @Override
  public void close() {
    discard();
  }
}
