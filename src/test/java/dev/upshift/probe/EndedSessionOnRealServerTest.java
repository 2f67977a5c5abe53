package dev.upshift.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.probe.ledger.ProbeTables;
import dev.upshift.probe.log.AnsweringServer;
import dev.upshift.probe.log.Lane;
import dev.upshift.probe.log.Outcome;
import dev.upshift.testing.ThrowawayServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A session was ended: idle, between greeting and read, or in the middle of a statement. */
@Tag("real")
final class EndedSessionOnRealServerTest {
  private static ThrowawayServer server;
  private Connector connector;

  @BeforeAll
  static void startServer() throws IOException, SQLException {
    server = ThrowawayServer.start(ThrowawayServer.DEBIAN_15);
    try (Connection connection = server.connect()) {
      ProbeTables.create(connection, ThrowawayServer.ADMIN);
    }
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @BeforeEach
  void makeConnector() {
    connector =
        new Connector(
            new ProbeOptions(
                Path.of("unused"),
                Path.of("unused"),
                "postgres",
                ThrowawayServer.ADMIN,
                server.passfile(),
                server.port(),
                server.address(),
                server.address(),
                20,
                true));
  }

  @Test
  void shouldReadOnANewConnectionWhenTheSessionHadEndedIdle() throws SQLException {
    try (var session = new Session(connector, Lane.READ_KEPT)) {
      var client = new Client(new ReadWork());
      assertThat(client.attempt(session, 1).outcome()).isEqualTo(Outcome.OK);
      end(backendOf(session));
      assertReconnected(client.attempt(session, 2));
    }
  }

  @Test
  void shouldWriteOnANewConnectionWhenTheSessionHadEndedIdle() throws SQLException {
    try (var session = new Session(connector, Lane.WRITE_KEPT)) {
      var client = new Client(new WriteWork(connector, Lane.WRITE_KEPT, "w"));
      assertThat(client.attempt(session, 1).outcome()).isEqualTo(Outcome.OK);
      end(backendOf(session));
      assertReconnected(client.attempt(session, 2));
    }
  }

  @Test
  void shouldReadOnANewConnectionWhenTheSessionEndedAfterItsGreeting() throws SQLException {
    try (var session = new Session(connector, Lane.READ_KEPT)) {
      int backend = backendOf(session);
      assertReconnected(new Client(new EndedAfterGreeting(backend)).attempt(session, 1));
    }
  }

  /** The server was at work: an application would see this error, and so must the probe. */
  @Test
  void shouldFailWhenTheSessionEndsInTheMiddleOfARead() throws Exception {
    try (var session = new Session(connector, Lane.READ_KEPT)) {
      int backend = backendOf(session);
      CompletableFuture<Ending> attempt =
          CompletableFuture.supplyAsync(() -> new Client(new SlowRead()).attempt(session, 1));
      awaitActive(backend);
      end(backend);
      Ending ending = attempt.get(20, TimeUnit.SECONDS);
      assertThat(ending.outcome()).isEqualTo(Outcome.FAIL);
      assertThat(ending.state()).isEqualTo("57P01");
      assertThat(ending.reconnects()).isZero();
      assertThat(session.isOpen()).isFalse();
    }
  }

  @Test
  void shouldNotTryAFreshSessionAgain() {
    try (var session = new Session(connector, Lane.READ_FRESH)) {
      Ending ending = new Client(new EndedAfterGreeting(0)).attempt(session, 1);
      assertThat(ending.outcome()).isEqualTo(Outcome.FAIL);
      assertThat(ending.reconnects()).isZero();
    }
  }

  private static void assertReconnected(Ending ending) {
    assertThat(ending.outcome()).isEqualTo(Outcome.OK);
    assertThat(ending.reconnects()).isEqualTo(1);
  }

  private static int backendOf(Session session) throws SQLException {
    return number(session.connection(), "SELECT pg_backend_pid()");
  }

  private static int number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getInt(1);
    }
  }

  /** Ends a backend, and waits until it is gone. */
  private static void end(int backend) throws SQLException {
    try (Connection admin = server.connect()) {
      assertThat(number(admin, "SELECT pg_terminate_backend(%d, 10000)::int".formatted(backend)))
          .isEqualTo(1);
    }
  }

  private static void awaitActive(int backend) throws SQLException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    try (Connection admin = server.connect()) {
      String sql =
          """
          SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND wait_event = 'PgSleep'
          """
              .formatted(backend);
      while (number(admin, sql) == 0) {
        assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      }
    }
  }

  /** Reads; the first session it greets is ended before the read. 0 ends any session. */
  private static final class EndedAfterGreeting implements Work {
    private final ReadWork read = new ReadWork();
    private final int backend;

    EndedAfterGreeting(int backend) {
      this.backend = backend;
    }

    @Override
    public void greet(Connection connection, boolean held) throws SQLException {
      read.greet(connection, held);
      int own = number(connection, "SELECT pg_backend_pid()");
      if (backend == 0 || backend == own) {
        end(own);
      }
    }

    @Override
    public boolean mayRepeat() {
      return read.mayRepeat();
    }

    @Override
    public Optional<Ending> findDone(Connection connection, long n) {
      return read.findDone(connection, n);
    }

    @Override
    public Ending carryOut(Connection connection, long n) throws SQLException {
      return read.carryOut(connection, n);
    }
  }

  /** A read that takes ten seconds. */
  private static final class SlowRead implements Work {
    @Override
    public void greet(Connection connection, boolean held) throws SQLException {
      new ReadWork().greet(connection, held);
    }

    @Override
    public boolean mayRepeat() {
      return true;
    }

    @Override
    public Optional<Ending> findDone(Connection connection, long n) {
      return Optional.empty();
    }

    @Override
    public Ending carryOut(Connection connection, long n) throws SQLException {
      number(connection, "SELECT 1 FROM pg_sleep(10)");
      return Ending.ok(AnsweringServer.NONE);
    }
  }
}
