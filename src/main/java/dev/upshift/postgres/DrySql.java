package dev.upshift.postgres;

import dev.upshift.host.Witness;
import java.util.List;

/** A session in which looking goes through and effects are only shown. */
final class DrySql implements Sql {
  private final String server;
  private final java.util.function.Supplier<Sql> real;
  private final Witness witness;
  private java.util.Optional<Sql> open = java.util.Optional.empty();

  /**
   * The real session is opened at the first question: a server that does not exist yet is not asked
   * any.
   */
  DrySql(String server, java.util.function.Supplier<Sql> real, Witness witness) {
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
    if (open.isEmpty()) {
      open = java.util.Optional.of(real.get());
    }
    return open.get().query(sql, row, parameters);
  }

  @Override
  public void close() {
    open.ifPresent(Sql::close);
  }
}
