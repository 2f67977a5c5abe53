package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.WorldError;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.ThrowawayPooler;
import dev.upshift.testing.ThrowawayServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pooler dies while everybody waits, and the switch is undone: its fellows must serve again. */
@Tag("real")
class UndoneHoldsOnRealServersTest {
  private static final Path PSQL = ThrowawayServer.DEBIAN_15.resolve("psql");
  private static final List<String> POOLS = List.of("app");
  private static ThrowawayServer one;
  private static ThrowawayServer two;

  private final List<ThrowawayPooler> processes = new ArrayList<>();
  private final List<Poolers> open = new ArrayList<>();

  @BeforeAll
  static void startServers() throws Exception {
    one = ThrowawayServer.start(ThrowawayServer.DEBIAN_15);
    two = ThrowawayServer.start(ThrowawayServer.DEBIAN_15);
    for (var server : List.of(one, two)) {
      try (var connection = server.connect();
          var statement = connection.createStatement()) {
        statement.execute("CREATE ROLE app LOGIN PASSWORD '" + ThrowawayPooler.PASSWORD + "'");
      }
    }
  }

  @AfterAll
  static void stopServers() throws IOException {
    one.close();
    two.close();
  }

  @BeforeEach
  void startPoolers() throws IOException {
    var programs = LabFixture.programs();
    var entry = "host=%s port=%d dbname=postgres pool_size=5".formatted(one.address(), one.port());
    for (var program : List.of(programs.pgbouncer(), programs.newestPgbouncer())) {
      processes.add(ThrowawayPooler.start(program, Map.of("app", entry), Map.of()));
    }
  }

  @AfterEach
  void stopPoolers() throws IOException {
    open.forEach(Poolers::close);
    for (var process : processes) {
      process.close();
    }
  }

  private Poolers poolers(int... numbers) {
    var places =
        IntStream.of(numbers)
            .mapToObj(i ->
                new Poolers.Place(
                    new LocalHost("pool" + i, Witness.NONE), processes.get(i).config()))
            .toList();
    var login = new Poolers.Login(PSQL, ThrowawayPooler.ADMIN, processes.getFirst().passfile());
    var made = new Poolers(places, login, POOLS, Set.of());
    open.add(made);
    return made;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldLetTheOtherProcessGoBackToWhereItLed(int dead) throws Exception {
    var poolers = poolers(0, 1);
    undoWithADeadOne(new Waiting(poolers, POOLS), List.of(poolers), dead);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldUndoTheOtherHold(int dead) throws Exception {
    var first = poolers(0);
    var second = poolers(1);
    var both = new Holds(List.of(new Waiting(first, POOLS), new Waiting(second, POOLS)));
    undoWithADeadOne(both, List.of(first, second), dead);
  }

  /** All are held and led to the second server already. */
  private void undoWithADeadOne(TrafficHold hold, List<Poolers> all, int dead) throws Exception {
    try (var clients = new PoolerClients(List.of(processes.get(1 - dead)), "app", 4)) {
      assertThat(clients.awaitAnswers()).isTrue();
      hold.ready();
      var before = hold.snapshot();
      hold.hold();
      assertThat(hold.isHeld()).isTrue();
      all.forEach(poolers -> poolers.point(Map.of("app", two.address() + ":" + two.port())));
      processes.get(dead).kill();

      assertThatThrownBy(() -> hold.undo(before))
          .isInstanceOf(WorldError.class)
          .hasMessageContaining("pool" + dead);

      assertThat(clients.awaitAnswers()).isTrue();
      assertThat(clients.servers()).containsExactly((long) one.port());
      assertThat(clients.failures()).isEmpty();
    }
  }
}
