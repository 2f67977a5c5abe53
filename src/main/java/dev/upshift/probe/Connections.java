package dev.upshift.probe;

import dev.upshift.probe.log.Lane;
import java.sql.Connection;
import java.sql.SQLException;

/** Where sessions get their connections from. */
interface Connections {
  /** A new connection in autocommit mode; the lane's name is looked up afresh. */
  Link open(Lane lane) throws SQLException;

  /** Closes a connection, broken or not. */
  void close(Connection connection);
}
