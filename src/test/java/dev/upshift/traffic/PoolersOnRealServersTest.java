package dev.upshift.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.WorldError;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.ThrowawayPooler;
import dev.upshift.testing.ThrowawayServer;
import dev.upshift.time.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holding and leading on two real PgBouncers, the machine's version and the newest. */
@Tag("real")
class PoolersOnRealServersTest {
  private static final Path PSQL = ThrowawayServer.DEBIAN_15.resolve("psql");
  private static final Duration LONG = Duration.ofSeconds(5);
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static ThrowawayServer one;
  private static ThrowawayServer two;

  private final List<ThrowawayPooler> processes = new ArrayList<>();
  private Poolers poolers =
      new Poolers(
          List.of(), new Poolers.Login(PSQL, "nobody", Path.of("/dev/null")), List.of(), Set.of());

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

  @AfterEach
  void stopPoolers() throws IOException {
    poolers.close();
    for (var process : processes) {
      process.close();
    }
  }

  private static String to(ThrowawayServer server) {
    return "host=%s port=%d dbname=postgres pool_size=5".formatted(server.address(), server.port());
  }

  private static String at(ThrowawayServer server) {
    return server.address() + ":" + server.port();
  }

  /** pool1 is the machine's version, pool2 the newest. */
  private void startBoth(Map<String, String> more) throws IOException {
    var programs = LabFixture.programs();
    var entries = Map.of("app", to(one), "App-1.x", to(one), "app_ro", to(one));
    for (var program : List.of(programs.pgbouncer(), programs.newestPgbouncer())) {
      processes.add(ThrowawayPooler.start(program, entries, more));
    }
    poolers = poolers(List.of("app", "App-1.x"), Set.of("app_ro"));
  }

  private Poolers poolers(List<String> readWrite, Set<String> readOnly) {
    return poolers(readWrite, readOnly, false);
  }

  private Poolers poolers(List<String> readWrite, Set<String> readOnly, boolean mayCut) {
    var places =
        IntStream.range(0, processes.size())
            .mapToObj(i ->
                new Poolers.Place(
                    new LocalHost("pool" + (i + 1), Witness.NONE), processes.get(i).config()))
            .toList();
    var login = new Poolers.Login(PSQL, ThrowawayPooler.ADMIN, processes.getFirst().passfile());
    return new Poolers(places, login, readWrite, readOnly, mayCut);
  }

  /** They would be waited for until they disconnect; those who come again wait for the release. */
  @Test
  void shouldCutOffWhoPoolsSessionsWhereThatIsConsentedTo() throws Exception {
    startBoth(Map.of("pool_mode", "session"));
    try (var first = processes.getFirst().connect("app");
        var second = processes.getLast().connect("app")) {
      for (var client : List.of(first, second)) {
        client.setAutoCommit(false);
        client.createStatement().execute("SELECT 1");
      }
      poolers.open();
      assertThatThrownBy(() -> poolers.pause(SHORT)).hasMessageContaining("could not be paused");
      assertThat(first.isValid(2) && second.isValid(2)).isTrue();
      poolers.close();

      poolers = poolers(List.of("app", "App-1.x"), Set.of("app_ro"), true);
      poolers.open();
      poolers.pause(SHORT);
      assertThat(poolers.isPaused()).isTrue();
      assertThat(first.isValid(2) || second.isValid(2)).isFalse();
    }
    var again = new ArrayList<FutureTask<String>>();
    for (var process : processes) {
      var one = new FutureTask<>(() -> ask(process));
      Thread.ofVirtual().start(one);
      again.add(one);
    }
    poolers.point(Map.of("app", at(two)));
    assertThat(again).noneMatch(FutureTask::isDone);
    poolers.resume();
    for (var one : again) {
      assertThat(one.get(20, TimeUnit.SECONDS)).isEqualTo(Integer.toString(two.port()));
    }
  }

  private static String ask(ThrowawayPooler process) throws SQLException {
    try (var client = process.connect("app");
        var rows = client.createStatement().executeQuery("SHOW port")) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void shouldLeadByWhatLiesReadyUnlessSomebodyHasEditedTheConfigurationSince() throws Exception {
    startBoth(Map.of());
    poolers.open();
    var wanted = Map.of("app", at(two));
    poolers.ready(wanted);
    assertThat(lyingReady()).hasSize(2);
    poolers.forget();
    assertThat(lyingReady()).isEmpty();
    poolers.ready(wanted);
    var edited = processes.getFirst().config();
    Files.writeString(edited, Files.readString(edited) + "; somebody was here\n");
    poolers.point(wanted);
    assertThat(poolers.leads(wanted)).isTrue();
    assertThat(Files.readString(edited)).contains("; somebody was here");
    assertThat(lyingReady()).isEmpty();
  }

  /** What lies beside the configurations and is put in their places later. */
  private List<String> lyingReady() throws IOException {
    var found = new ArrayList<String>();
    for (var process : processes) {
      try (var files = Files.list(process.config().getParent())) {
        files.map(Path::toString).filter(name -> name.endsWith(".upshift")).forEach(found::add);
      }
    }
    return found;
  }

  @Test
  void shouldHoldPointAndLetGoWithoutAFailedStatement() throws Exception {
    startBoth(Map.of());
    poolers.open();
    try (var writers = new PoolerClients(processes, "app", 6);
        var readers = new PoolerClients(processes, "app_ro", 6)) {
      assertThat(writers.awaitAnswers() && readers.awaitAnswers()).isTrue();
      assertThat(poolers.isPaused()).isFalse();
      long began = System.nanoTime();
      poolers.pause(LONG);
      long held = System.nanoTime();
      assertThat(poolers.isPaused()).isTrue();
      assertThat(readers.awaitAnswers()).isTrue();
      long before = writers.restingStatements();
      var wanted =
          Map.of("app", at(two), "App-1.x", at(two), "app_ro", at(two), "db1.internal", "10.0.0.1");
      long points = System.nanoTime();
      poolers.point(wanted);
      long pointed = System.nanoTime();
      assertThat(poolers.leads(wanted)).isTrue();
      assertThat(writers.statements()).isEqualTo(before);
      poolers.resume();
      long released = System.nanoTime();
      poolers.resume();
      assertThat(poolers.isPaused()).isFalse();
      assertThat(writers.awaitAnswers() && readers.awaitAnswers()).isTrue();

      assertThat(writers.servers()).containsExactly((long) two.port());
      assertThat(readers.servers()).containsExactly((long) two.port());
      assertThat(writers.failures()).isEmpty();
      assertThat(readers.failures()).isEmpty();
      System.out.printf(
          "poolers: pause %.1f ms, point %.1f ms, resume %.1f ms; %d writes, %d reads, longest %.1f"
              + " and %.1f ms%n",
          (held - began) / 1e6,
          (pointed - points) / 1e6,
          (released - pointed) / 1e6,
          writers.statements(),
          readers.statements(),
          writers.longestMillis(),
          readers.longestMillis());
    }
  }

  /** A login that the pause cuts off counts as failed, and PgBouncer waits 15 s before the next. */
  @Test
  void shouldServeAtOnceAfterAPauseThatMetALogin() throws Exception {
    startBoth(Map.of());
    poolers.open();
    for (int round = 0; round < 6; round++) {
      try (var clients = new PoolerClients(processes, "app", 5)) {
        Thread.sleep(10L * round); // each round meets the logins at another moment
        poolers.pause(LONG);
        poolers.resume();
        long released = System.nanoTime();
        assertThat(clients.awaitAnswers()).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - released))
            .isLessThan(Duration.ofSeconds(8));
        assertThat(clients.failures()).isEmpty();
      }
    }
    for (var process : processes) {
      var login = new Poolers.Login(PSQL, ThrowawayPooler.ADMIN, process.passfile());
      var host = new LocalHost("pool", Witness.NONE);
      try (var pooler = new Pooler(host, process.config(), login)) {
        assertThat(pooler.show("CONFIG"))
            .filteredOn(row -> row.containsValue("server_login_retry"))
            .extracting(row -> row.get("value"))
            .containsExactly("15");
      }
    }
  }

  @Test
  void shouldLetAllRunAgainWhenOneCannotHoldInTime() throws Exception {
    startBoth(Map.of());
    poolers.open();
    try (var clients = new PoolerClients(processes, "app", 4);
        var blocker = processes.getFirst().connect("app");
        var statement = blocker.createStatement()) {
      assertThat(clients.awaitAnswers()).isTrue();
      blocker.setAutoCommit(false);
      statement.execute("SELECT 1");

      assertThatThrownBy(() -> poolers.pause(Duration.ofMillis(400)))
          .isInstanceOf(WorldError.class)
          .hasMessageContaining("pool1:" + processes.getFirst().config())
          .hasMessageContaining("could not be paused within 400 ms: no answer to 'PAUSE")
          .hasMessageContaining("1 server connections in use:")
          .hasMessageContaining("app of app (backend ");

      assertThat(poolers.isPaused()).isFalse();
      assertThat(clients.awaitAnswers()).isTrue();
      blocker.commit();
      poolers.pause(LONG);
      assertThat(poolers.isPaused()).isTrue();
      poolers.resume();
      assertThat(clients.awaitAnswers()).isTrue();
      assertThat(clients.failures()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldLetTheOthersRunAgainWhenAProcessWasKilled(int killed) throws Exception {
    startBoth(Map.of());
    poolers.open();
    processes.get(killed).kill();
    try (var clients = new PoolerClients(List.of(processes.get(1 - killed)), "app", 4)) {
      assertThat(clients.awaitAnswers()).isTrue();
      long began = System.nanoTime();
      assertThatThrownBy(() -> poolers.pause(Duration.ofSeconds(30)))
          .isInstanceOf(WorldError.class)
          .hasMessageContaining("pool" + (killed + 1) + ":" + processes.get(killed).config());
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
      assertThat(clients.awaitAnswers()).isTrue();
      assertThat(clients.failures()).isEmpty();
    }
    assertThatThrownBy(() -> poolers.resume()).hasMessageContaining("pool" + (killed + 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldLeaveNothingHeldInAProcessThatSleptThrough(int asleep) throws Exception {
    startBoth(Map.of());
    poolers.open();
    try (var clients = new PoolerClients(processes, "app", 3)) {
      assertThat(clients.awaitAnswers()).isTrue();
      processes.get(asleep).signal("STOP");
      assertThatThrownBy(() -> poolers.pause(Duration.ofMillis(300)))
          .hasMessageContaining("pool" + (asleep + 1) + ":")
          .hasMessageContaining("could not be paused within 300 ms");
      processes.get(asleep).signal("CONT");
      assertThat(clients.awaitAnswers()).isTrue();
      assertThat(clients.failures()).isEmpty();
    }
    poolers.resume();
    assertThat(poolers.isPaused()).isFalse();
  }

  @Test
  void shouldReachEveryProcessBehindOnePort() throws Exception {
    var program = LabFixture.programs().newestPgbouncer();
    var shared = Map.of("so_reuseport", "1");
    processes.add(ThrowawayPooler.start(program, Map.of("app", to(one)), shared));
    var first = processes.getFirst();
    processes.add(
        ThrowawayPooler.start(
            program, first.address(), first.port(), Map.of("app", to(one)), shared));
    poolers = poolers(List.of("app"), Set.of());
    poolers.open();
    try (var clients = new PoolerClients(List.of(first), "app", 24)) {
      assertThat(clients.awaitAnswers()).isTrue();
      poolers.pause(LONG);
      long before = clients.restingStatements();
      poolers.point(Map.of("app", at(two)));
      assertThat(clients.statements()).isEqualTo(before);
      poolers.resume();
      assertThat(clients.awaitAnswers()).isTrue();
      assertThat(clients.servers()).containsExactly((long) two.port());
      assertThat(clients.failures()).isEmpty();
    }
    assertThat(poolers.look())
        .allSatisfy(look -> assertThat(look.facts().orElseThrow().unlisted()).isZero());
    var forgetful = processes.removeLast();
    poolers.close();
    poolers = poolers(List.of("app"), Set.of());
    assertThat(poolers.look().getFirst().facts().orElseThrow().unlisted()).isEqualTo(1);
    processes.add(forgetful);
  }

  @Test
  void shouldComeBackByteForByteAndKeepWhatOthersWrote() throws Exception {
    startBoth(Map.of());
    var before = poolers.snapshot();
    assertThat(before.places()).hasSize(2);
    // Neither passwords nor anything else of the files but where the entries lead.
    assertThat(before.places().values()).noneMatch(text -> text.contains("dbname"));
    var firstText = Files.readString(processes.getFirst().config());
    var secondText = Files.readString(processes.getLast().config());
    poolers.point(Map.of("app", at(two), "app_ro", at(two)));
    poolers.point(Map.of("app", at(two), "app_ro", at(two)));
    var second = processes.getLast().config();
    Files.writeString(second, Files.readString(second) + "; a note\nmax_client_conn = 77\n");

    poolers.restore(before);

    assertThat(poolers.leads(Map.of("app", at(one), "app_ro", at(one)))).isTrue();
    assertThat(processes.getFirst().config()).hasContent(firstText);
    assertThat(Files.readString(second)).isEqualTo(secondText + "; a note\nmax_client_conn = 77\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldNotBelieveAReloadThatDidNotHappen(int spoiled) throws Exception {
    startBoth(Map.of());
    var config = processes.get(spoiled).config();
    var text = Files.readString(config);
    Files.writeString(config, "nonsense\n" + text);

    assertThatThrownBy(() -> poolers.point(Map.of("app", "127.0.0.250")))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("pool" + (spoiled + 1))
        .hasMessageContaining("RELOAD");
  }

  @Test
  void shouldRefuseAnEntryThatIsNotThereBeforeAnythingIsWritten() throws Exception {
    startBoth(Map.of());
    var config = processes.getLast().config();
    var text = Files.readString(config);
    Files.writeString(config, text.replace("app_ro = ", "app_other = "));
    var before = poolers.snapshot();

    assertThatThrownBy(() -> poolers.point(Map.of("app", at(two), "app_ro", at(two))))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("pool2")
        .hasMessageContaining("no entry app_ro");
    assertThat(poolers.snapshot()).isEqualTo(before);
  }

  @Test
  void shouldSetRightWhatAToolThatWasKilledHadSetForAMoment() throws IOException {
    startBoth(Map.of());
    var process = processes.getLast();
    var login = new Poolers.Login(PSQL, ThrowawayPooler.ADMIN, process.passfile());
    var host = new LocalHost("pool2", Witness.NONE);
    try (var killed = new Pooler(host, process.config(), login);
        var next = new Pooler(host, process.config(), login)) {
      var before = next.settings(Deadline.in(LONG));
      assertThat(killed.calm(List.of("app"), Deadline.in(LONG))).isTrue();
      assertThat(next.settings(Deadline.in(LONG))).containsAllEntriesOf(BriefSettings.NO_GROWTH);
      new PoolerHold(next, List.of("app"), false, Set.of()).resume(false);
      assertThat(next.settings(Deadline.in(LONG))).isEqualTo(before);
      killed.brief().set(BriefSettings.NONE_IDLE, Deadline.in(LONG));
      assertThat(next.settings(Deadline.in(LONG))).containsAllEntriesOf(BriefSettings.NONE_IDLE);
      next.open(List.of("app"));
      assertThat(next.settings(Deadline.in(LONG))).isEqualTo(before);
    }
  }

  @Test
  void shouldLetGoConnectionsThatNobodyUsesButOneAndKeepThemAgain() throws Exception {
    startBoth(Map.of());
    poolers.open();
    var process = processes.getLast();
    askTwiceAtOnce(process);
    assertThat(idle(process)).isEqualTo(2);
    poolers.closeIdle();
    assertThat(Deadline.in(LONG).until(Duration.ofMillis(50), () -> idle(process) == 1)).isTrue();
    askTwiceAtOnce(process);
    poolers.keepIdle();
    var aWhile = Deadline.in(Duration.ofSeconds(3));
    assertThat(aWhile.until(Duration.ofMillis(50), () -> idle(process) < 2)).isFalse();
  }

  /** As where a tool was killed that got a hold ready, and what it had prepared is taken back. */
  @Test
  void shouldKeepThemAgainWhereAToolWasKilled() throws Exception {
    startBoth(Map.of());
    var killed = poolers(List.of("app"), Set.of("app_ro"));
    killed.open();
    killed.closeIdle();
    killed.close();
    var login = new Poolers.Login(PSQL, ThrowawayPooler.ADMIN, processes.getLast().passfile());
    try (var other =
        new Pooler(new LocalHost("pool2", Witness.NONE), processes.getLast().config(), login)) {
      var ours = BriefSettings.NONE_IDLE.entrySet();
      assertThat(other.settings(Deadline.in(LONG)).entrySet()).containsAll(ours);
      poolers.forgetTries();
      assertThat(other.settings(Deadline.in(LONG)).entrySet()).doesNotContainAnyElementsOf(ours);
    }
  }

  /** The second finds the only connection in use. */
  private static void askTwiceAtOnce(ThrowawayPooler process) throws SQLException {
    try (var first = process.connect("app")) {
      first.setAutoCommit(false);
      first.createStatement().execute("SELECT 1");
      ask(process);
      first.rollback(); // who goes within a transaction takes his server connection along
    }
  }

  /** Connections to servers that nobody uses at present. */
  private static int idle(ThrowawayPooler process) {
    var login = new Poolers.Login(PSQL, ThrowawayPooler.ADMIN, process.passfile());
    try (var pooler = new Pooler(new LocalHost("pool2", Witness.NONE), process.config(), login)) {
      return pooler.sum(List.of("app"), "sv_idle", Deadline.in(LONG));
    }
  }

  /** What was held is let go without a look; one that somebody has let go before is no failure. */
  @Test
  void shouldLetGoTheOthersWhereSomebodyWasQuickerWithOne() throws Exception {
    startBoth(Map.of());
    poolers.open();
    poolers.pause(LONG);
    assertThat(poolers.isPaused()).isTrue();
    var login = new Poolers.Login(PSQL, ThrowawayPooler.ADMIN, processes.getLast().passfile());
    try (var other =
        new Pooler(new LocalHost("pool2", Witness.NONE), processes.getLast().config(), login)) {
      other.tell("RESUME app");
    }
    poolers.resume();
    assertThat(poolers.isReleased()).isTrue();
    assertThat(ask(processes.getFirst())).isEqualTo(Integer.toString(one.port()));
  }

  @Test
  void shouldHoldWhatAnotherRunHasHeldAndLetItGo() throws SQLException, IOException {
    startBoth(Map.of());
    poolers.pause(LONG);
    poolers.close();
    var other = poolers(List.of("app", "App-1.x"), Set.of("app_ro"));
    try (other) {
      assertThat(other.isPaused()).isTrue();
      other.pause(LONG);
      assertThat(other.isPaused()).isTrue();
      other.resume();
      assertThat(other.isPaused()).isFalse();
    }
  }
}
