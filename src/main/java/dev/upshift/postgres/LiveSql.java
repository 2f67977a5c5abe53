package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Witness;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/** A session over JDBC. */
final class LiveSql implements Sql {
  private final String server;
  private final Connection connection;
  private final Witness witness;
  private final Runnable giveBack;

  /** A session that is given back, and not ended, when it is closed. */
  LiveSql(String server, Connection connection, Witness witness, Runnable giveBack) {
    this.server = server;
    this.connection = connection;
    this.witness = witness;
    this.giveBack = giveBack;
  }

  @Override
  public void execute(String sql, Object... parameters) {
    witness.effect(server, "SQL: " + shown(sql, parameters));
    try (var statement = prepared(sql, parameters)) {
      statement.execute();
    } catch (SQLException e) {
      throw failed(sql, e);
    }
  }

  @Override
  public void setPassword(String role, String password) {
    witness.effect(server, "SQL: " + passwordShown(role));
    try {
      connection
          .unwrap(PGConnection.class)
          .alterUserPassword(role, password.toCharArray(), kept(connection));
    } catch (SQLException e) {
      throw failed(passwordShown(role), e);
    }
  }

  /** Before 10 a server takes a SCRAM verifier for the password itself. */
  private static String kept(Connection connection) throws SQLException {
    return connection.getMetaData().getDatabaseMajorVersion() < 10 ? "md5" : "scram-sha-256";
  }

  static String passwordShown(String role) {
    return "ALTER ROLE " + Sql.identifier(role) + " PASSWORD '(verifier)'";
  }

  static String shown(String sql, Object... parameters) {
    var text = sql.strip().replaceAll("\\s*\\n\\s*", " ");
    return parameters.length == 0 ? text : text + "  -- " + List.of(parameters);
  }

  @Override
  public <T> List<T> query(String sql, Row<T> row, Object... parameters) {
    try (var statement = prepared(sql, parameters);
        var rows = statement.executeQuery()) {
      var found = new ArrayList<T>();
      while (rows.next()) {
        found.add(row.read(rows));
      }
      return found;
    } catch (SQLException e) {
      throw failed(sql, e);
    }
  }

  private PreparedStatement prepared(String sql, Object... parameters) throws SQLException {
    var statement = connection.prepareStatement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
  }

  private WorldError failed(String sql, SQLException e) {
    return new WorldError(
        server,
        "'" + shown(sql) + "' failed: " + e.getMessage() + " (SQLSTATE " + e.getSQLState() + ")",
        "",
        e);
  }

  @Override
  public void close() {
    giveBack.run();
  }
}
