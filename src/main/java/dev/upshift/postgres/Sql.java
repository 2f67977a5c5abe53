package dev.upshift.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * A session on a server. What only looks ({@link #query}, {@link #value}) and what changes
 * something ({@link #execute}) are apart, as on a {@link dev.upshift.host.Host}. A server's refusal
 * is a {@link dev.upshift.failure.WorldError} with its message and SQLSTATE.
 */
public interface Sql extends AutoCloseable {

  /** Reads one row of a result. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** A statement that changes something, or a function called for its effect. */
  void execute(String sql, Object... parameters);

  /**
   * Sets a role's password without the password standing in any statement: only its SCRAM verifier
   * is sent (before 10, its MD5).
   */
  void setPassword(String role, String password);

  /** A statement that only looks. */
  <T> List<T> query(String sql, Row<T> row, Object... parameters);

  /** The first column of the first row as text; empty when there is no row or it is null. */
  default Optional<String> value(String sql, Object... parameters) {
    return query(sql, row -> Optional.ofNullable(row.getString(1)), parameters).stream()
        .findFirst()
        .flatMap(text -> text);
  }

  /** Whether the statement's first row is true. */
  default boolean isTrue(String sql, Object... parameters) {
    return query(sql, row -> row.getBoolean(1), parameters).stream().findFirst().orElse(false);
  }

  @Override
  void close();

  /** An identifier, quoted as {@code quote_ident} does where that is needed, always. */
  static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A string literal, for statements that take no parameters (ALTER SYSTEM, CREATE ROLE). */
  static String literal(String text) {
    var quoted = "'" + text.replace("'", "''") + "'";
    return text.contains("\\") ? "E" + quoted.replace("\\", "\\\\") : quoted;
  }
}
