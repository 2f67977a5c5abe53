package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.ThrowawayPooler;
import dev.upshift.testing.ThrowawayServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a look finds on real PgBouncers; no server stands behind them. */
@Tag("real")
class PoolerLooksOnRealServersTest {
  private static final Path PSQL = ThrowawayServer.DEBIAN_15.resolve("psql");
  private static final Map<String, String> ENTRIES =
      Map.of("app", "host=127.0.0.2", "app_ro", "host=127.0.0.2 pool_mode=session");

  private final List<ThrowawayPooler> processes = new ArrayList<>();

  @AfterEach
  void stopPoolers() throws IOException {
    for (var process : processes) {
      process.close();
    }
  }

  /** The machine's version and the newest. */
  private void start(Map<String, String> entries, Map<String, String> more, Map<String, String> of2)
      throws IOException {
    var programs = LabFixture.programs();
    processes.add(ThrowawayPooler.start(programs.pgbouncer(), entries, more));
    processes.add(ThrowawayPooler.start(programs.newestPgbouncer(), entries, of2));
  }

  private List<PoolerLook> look(String user) {
    var places =
        IntStream.range(0, processes.size())
            .mapToObj(i ->
                new Poolers.Place(
                    new LocalHost("pool" + (i + 1), Witness.NONE), processes.get(i).config()))
            .toList();
    var login = new Poolers.Login(PSQL, user, processes.getFirst().passfile());
    try (var poolers = new Poolers(places, login, List.of("app"), Set.of("app_ro"))) {
      return poolers.look();
    }
  }

  private static PoolerLook.Facts facts(PoolerLook look) {
    return look.facts().orElseThrow();
  }

  @Test
  void shouldFindNothingAmissAndTheShortestWait() throws IOException {
    start(
        Map.of("app", "host=127.0.0.2", "app_ro", "host=127.0.0.2"),
        Map.of("query_wait_timeout", "90"),
        Map.of("query_wait_timeout", "30.5"));
    var looks = look(ThrowawayPooler.ADMIN);

    assertThat(looks)
        .extracting(look -> facts(look).version())
        .satisfiesExactly(
            first -> assertThat(first).startsWith("PgBouncer 1."),
            second -> assertThat(second).startsWith("PgBouncer 1."));
    assertThat(looks)
        .allSatisfy(look -> {
          assertThat(facts(look).shuttingDown()).isFalse();
          assertThat(facts(look).unlisted()).isZero();
          assertThat(facts(look).missing()).isEmpty();
          assertThat(facts(look).sessions()).isEmpty();
        });
    assertThat(PoolerLook.queryWaitTimeout(looks)).isEqualTo(Duration.ofMillis(30_500));
  }

  @Test
  void shouldRecogniseSessionPoolingOfEntriesUsersAndProcesses() throws IOException {
    start(
        ENTRIES,
        Map.of("[users]", "batch = pool_mode=session\napp = pool_mode=transaction"),
        Map.of("pool_mode", "session"));
    var looks = look(ThrowawayPooler.ADMIN);

    var readOnly = new PoolerLook.SessionPool("app_ro", Optional.empty());
    var batch = Optional.of("batch");
    assertThat(facts(looks.getFirst()).sessions())
        .containsExactly(
            readOnly,
            new PoolerLook.SessionPool("app", batch),
            new PoolerLook.SessionPool("app_ro", batch));
    assertThat(facts(looks.getLast()).sessions())
        .containsExactly(new PoolerLook.SessionPool("app", Optional.empty()), readOnly);
  }

  @Test
  void shouldFindMissingEntriesAndWhetherAnyDatabaseIsServed() throws IOException {
    start(Map.of("app", "host=127.0.0.2", "*", "host=127.0.0.3"), Map.of(), Map.of());
    assertThat(look(ThrowawayPooler.ADMIN))
        .allSatisfy(look -> {
          assertThat(facts(look).missing()).containsExactly("app_ro");
          assertThat(facts(look).fallbacks()).containsExactly("app_ro");
          assertThat(facts(look).includes()).isFalse();
        });
  }

  @Test
  void shouldSayWhoDoesNotLetUsInAndWhoDoesNotRun() throws IOException {
    start(ENTRIES, Map.of(), Map.of());
    assertThat(look("stranger"))
        .allSatisfy(look -> {
          assertThat(look.facts()).isEmpty();
          assertThat(look.failure().orElseThrow().what()).contains("failed");
          assertThat(look.failure().orElseThrow().hint()).contains("admin_users", "stranger");
        });
    processes.getFirst().kill();
    var looks = look(ThrowawayPooler.ADMIN);
    assertThat(looks.getFirst().failure().orElseThrow().where()).startsWith("pool1:");
    assertThat(looks.getLast().facts()).isPresent();
  }

  @Test
  void shouldRecogniseAProcessThatShutsDown() throws IOException, SQLException {
    start(ENTRIES, Map.of(), Map.of());
    var newest = processes.getLast();
    var host = new LocalHost("pool2", Witness.NONE);
    var pooler =
        new Pooler(
            host,
            newest.config(),
            new Poolers.Login(PSQL, ThrowawayPooler.ADMIN, newest.passfile()));
    try (pooler) {
      pooler.tell("SHUTDOWN WAIT_FOR_CLIENTS");
      var looks = new PoolerLooks(List.of(pooler), List.of("app")).all();
      assertThat(facts(looks.getFirst()).shuttingDown()).isTrue();
    }
  }
}
