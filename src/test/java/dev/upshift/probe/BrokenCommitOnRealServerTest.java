package dev.upshift.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.probe.ledger.ProbeTables;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.Outcome;
import dev.upshift.testing.ThrowawayServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** COMMIT was sent, and the connection broke: what may be said of the write. */
@Tag("real")
final class BrokenCommitOnRealServerTest {
  private static final String WRITER = "w";
  private static ThrowawayServer server;

  @BeforeAll
  static void startServer() throws IOException, SQLException {
    server = ThrowawayServer.start(ThrowawayServer.DEBIAN_15);
    try (Connection connection = server.connect()) {
      ProbeTables.create(connection, ThrowawayServer.ADMIN);
    }
    execute(
        """
        CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM pg_terminate_backend(pg_backend_pid());
          PERFORM pg_sleep(10);
          RETURN NULL;
        END $$
        """,
        """
        CREATE CONSTRAINT TRIGGER end_session AFTER INSERT ON upshift_probe.ledger_keyless
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.n < 100)
        EXECUTE FUNCTION end_session()
        """);
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @Test
  void shouldFailWhenTheSameServerShowsThatItCanNeverBeCommitted() {
    Ending ending = attempt(1, new RealConnections(Integer.MAX_VALUE));
    assertThat(ending.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(ending.state()).isEqualTo("57P01");
    assertThat(ending.reconnects()).isEqualTo(1);
  }

  @Test
  void shouldStayUnknownWhenNobodyCanBeAsked() {
    Ending ending = attempt(2, new RealConnections(1));
    assertThat(ending.outcome()).isEqualTo(Outcome.UNKNOWN);
    assertThat(ending.state()).isEqualTo("57P01");
  }

  /** A backend that waits for a synchronous standby has committed when it is ended. */
  @Test
  void shouldBeAcknowledgedWhenTheRowIsFound() throws Exception {
    execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()");
    try {
      CompletableFuture<Ending> attempt =
          CompletableFuture.supplyAsync(() -> attempt(101, new RealConnections(Integer.MAX_VALUE)));
      endTheBackendThatWaits();
      Ending ending = attempt.get(20, TimeUnit.SECONDS);
      assertThat(ending.outcome()).isEqualTo(Outcome.OK);
      assertThat(ending.state()).isEmpty();
      assertThat(ending.reconnects()).isEqualTo(1);
    } finally {
      execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
    }
  }

  private static Ending attempt(long n, Connections connections) {
    try (var session = new Session(connections, Lane.WRITE_KEPT)) {
      return new Client(new WriteWork(connections, Lane.WRITE_KEPT, WRITER)).attempt(session, n);
    }
  }

  private static void endTheBackendThatWaits() throws SQLException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      while (true) {
        try (var row =
            statement.executeQuery(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE wait_event = 'SyncRep'
                """)) {
          if (row.next()) {
            return;
          }
        }
        assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      }
    }
  }

  private static void execute(String... statements) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Gives connections of the real server, so many and no more. */
  private static final class RealConnections implements Connections {
    private int left;

    RealConnections(int left) {
      this.left = left;
    }

    @Override
    public Link open(Lane lane) throws SQLException {
      if (left-- <= 0) {
        throw new SQLException("refused", "08001");
      }
      return new Link(server.connect(), new ReplyWatch());
    }

    @Override
    public void close(Connection connection) {
      try {
        connection.close();
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
    }
  }
}
