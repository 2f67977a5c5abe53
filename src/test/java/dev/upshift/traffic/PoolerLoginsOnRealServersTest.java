package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.ThrowawayPooler;
import dev.upshift.testing.ThrowawayServer;
import dev.upshift.traffic.TriedLogin.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Logins of two real PgBouncers, the machine's version and the newest, at two real servers. */
@Tag("real")
class PoolerLoginsOnRealServersTest {
  private static final Path PSQL = ThrowawayServer.DEBIAN_15.resolve("psql");
  private static ThrowawayServer one;
  private static ThrowawayServer two;

  private final List<ThrowawayPooler> processes = new ArrayList<>();

  @BeforeAll
  static void startServers() throws Exception {
    one = ThrowawayServer.start(ThrowawayServer.DEBIAN_15);
    two = ThrowawayServer.start(ThrowawayServer.DEBIAN_15);
    for (var server : List.of(one, two)) {
      execute(server, "CREATE ROLE app LOGIN PASSWORD '" + ThrowawayPooler.PASSWORD + "'");
      execute(server, "CREATE ROLE batch LOGIN PASSWORD '" + ThrowawayPooler.PASSWORD + "'");
    }
  }

  private static void execute(ThrowawayServer server, String sql) throws SQLException {
    try (var connection = server.connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String value(ThrowawayServer server, String sql) throws SQLException {
    try (var connection = server.connect();
        var rows = connection.createStatement().executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @AfterAll
  static void stopServers() throws IOException {
    one.close();
    two.close();
  }

  @AfterEach
  void stopPoolers() throws IOException {
    for (var process : processes) {
      process.close();
    }
  }

  private static String to(ThrowawayServer server, String more) {
    return "host=%s port=%d dbname=postgres %s".formatted(server.address(), server.port(), more);
  }

  private void start(Map<String, String> entries) throws IOException {
    var programs = LabFixture.programs();
    for (var program : List.of(programs.pgbouncer(), programs.newestPgbouncer())) {
      processes.add(ThrowawayPooler.start(program, entries, Map.of()));
    }
  }

  private List<TriedLogin> tried(Map<String, String> names) throws IOException {
    var places =
        IntStream.range(0, processes.size())
            .mapToObj(i ->
                new Poolers.Place(
                    new LocalHost("pool" + (i + 1), Witness.NONE), processes.get(i).config()))
            .toList();
    var login = new Poolers.Login(PSQL, ThrowawayPooler.ADMIN, processes.getFirst().passfile());
    var before = new ArrayList<String>();
    for (var process : processes) {
      before.add(Files.readString(process.config()));
    }
    try (var poolers = new Poolers(places, login, List.copyOf(names.keySet()), Set.of())) {
      var tried = poolers.tryLogins(names);
      for (int i = 0; i < processes.size(); i++) {
        assertThat(Files.readString(processes.get(i).config())).isEqualTo(before.get(i));
        var entries = new Pooler(places.get(i).host(), processes.get(i).config(), login);
        assertThat(entries.entries().keySet()).noneMatch(name -> name.startsWith("upshift"));
        entries.close();
      }
      return tried;
    }
  }

  private static String at(ThrowawayServer server) {
    return server.address() + ":" + server.port();
  }

  @Test
  void shouldLogInAsTheUsersWhoCameAndAsThoseWhomEntriesForce() throws Exception {
    start(
        Map.of(
            "app", to(one, "connect_query='CREATE TABLE came (at_all int)'"),
            "forced", to(one, "user=batch"),
            "idle", to(one, "")));
    for (var process : processes) {
      process.connect("app").close();
    }
    var tried = tried(Map.of("app", at(two), "forced", at(two), "idle", at(two)));

    // What the real entry tells a server first, it was not told.
    assertThat(value(two, "SELECT to_regclass('came') IS NULL")).isEqualTo("t");
    assertThat(tried).hasSize(6).allMatch(login -> login.refusal().isEmpty());
    assertThat(tried.stream().filter(login -> login.answer() instanceof Answer.In))
        .extracting(login -> login.entry() + " " + login.user())
        .containsExactlyInAnyOrder("app app", "app app", "forced batch", "forced batch");
    assertThat(tried.stream().flatMap(login -> login.unknown().stream()))
        .hasSize(2)
        .allMatch(line -> line.contains("entry idle: no client has come yet"));
  }

  @Test
  void shouldSayWhoIsRefusedAndFromWhere() throws Exception {
    start(Map.of("app", to(one, ""), "other", to(one, "user=batch")));
    for (var process : processes) {
      process.connect("app").close();
    }
    execute(two, "ALTER ROLE batch PASSWORD 'another'");
    var hba = Path.of(value(two, "SHOW hba_file"));
    var lines = Files.readString(hba);
    try {
      Files.writeString(hba, "host all app 127.0.0.0/8 reject\n" + lines);
      execute(two, "SELECT pg_reload_conf()");
      var tried = tried(Map.of("app", at(two), "other", at(two)));

      assertThat(tried).hasSize(4).allMatch(login -> login.refusal().isPresent());
      assertThat(tried)
          .filteredOn(login -> login.entry().equals("app"))
          .allSatisfy(login -> {
            assertThat(login.refusal().orElseThrow()).contains("pg_hba.conf rejects");
            assertThat(login.refusedFrom().orElseThrow().getHostAddress()).startsWith("127.0.0.");
          });
      assertThat(tried)
          .filteredOn(login -> login.entry().equals("other"))
          .allSatisfy(login -> {
            assertThat(login.refusal().orElseThrow()).contains("password authentication failed");
            assertThat(login.refusedFrom()).isEmpty();
          });
    } finally {
      Files.writeString(hba, lines);
      execute(two, "SELECT pg_reload_conf()");
      execute(two, "ALTER ROLE batch PASSWORD '" + ThrowawayPooler.PASSWORD + "'");
    }
  }

  /** Its users can be tried at neither server, which says nothing about the new one. */
  @Test
  void shouldNotBlameTheNewServerForWhatFailsAtThePresentOne() throws Exception {
    start(Map.of("app", to(one, "user=batch password=wrong")));
    assertThat(tried(Map.of("app", at(two))))
        .hasSize(2)
        .allSatisfy(login ->
            assertThat(login.unknown().orElseThrow())
                .contains("where it leads now", "password authentication failed"));
  }

  @Test
  void shouldReadAnAddressInAnyLanguageAndNoneWhereThereIsNone() {
    var german = "pg_hba.conf lehnt Verbindung ab für Host »10.0.0.7«, Benutzer »app«";
    assertThat(new Answer.Refused(german).from().orElseThrow().getHostAddress())
        .isEqualTo("10.0.0.7");
    assertThat(new Answer.Refused("host \"fd00::7\", user \"app\"").from().orElseThrow())
        .isEqualTo(InetAddress.ofLiteral("fd00::7"));
    assertThat(new Answer.Refused("password authentication failed for user \"a.b:c\"").from())
        .isEmpty();
  }
}
