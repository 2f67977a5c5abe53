package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Witness;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A session in which looking goes through and effects are only shown. The real session is opened at
 * the first question; a server that does not exist yet answers none.
 */
final class DrySql implements Sql {
  /** A table, a schema or another object that does not exist. */
  private static final Set<String> NOT_THERE = Set.of("42P01", "3F000", "42704");

  private final String server;
  private final Supplier<Sql> real;
  private final Witness witness;
  private Optional<Sql> open = Optional.empty();
  private boolean absent;

  DrySql(String server, Supplier<Sql> real, Witness witness) {
    this.server = server;
    this.real = real;
    this.witness = witness;
  }

  @Override
  public void execute(String sql, Object... parameters) {
    witness.effect(server, "SQL: " + LiveSql.shown(sql, parameters));
  }

  @Override
  public void setPassword(String role, String password) {
    witness.effect(server, "SQL: " + LiveSql.passwordShown(role));
  }

  @Override
  public <T> List<T> query(String sql, Row<T> row, Object... parameters) {
    if (open.isEmpty() && !absent) {
      try {
        open = Optional.of(real.get());
      } catch (WorldError e) {
        absent = true;
      }
    }
    try {
      return open.map(session -> session.query(sql, row, parameters)).orElse(List.of());
    } catch (WorldError e) {
      // What an effect would have made is not there.
      if (e.getCause() instanceof SQLException failure
          && NOT_THERE.contains(String.valueOf(failure.getSQLState()))) {
        return List.of();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    open.ifPresent(Sql::close);
  }
}
