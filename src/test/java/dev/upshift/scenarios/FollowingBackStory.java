package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.failure.InputError;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.postgres.PgServer;
import dev.upshift.run.Course;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.run.WayBackStatus;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.OursEverywhere;
import dev.upshift.testing.PasswordPrompt;
import dev.upshift.testing.Sigkill;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.ThrowawayPooler;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The days after the switch, in one lab: the old primary follows and lets nobody in, servers crash,
 * the tool dies while it leads back and there again. Every row that was acknowledged is there once.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FollowingBackStory {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private LabFixture fixture;
  private Path file;
  private Topology topology;
  private FleetClient client;
  private PgServer old;
  private PgServer fresh;
  private PasswordPrompt prompt;
  private ThrowawayPooler forgotten;
  private Connection kept;
  private Optional<Connection> parked = Optional.empty();
  private Optional<Boolean> parkedAtRelease = Optional.empty();
  private long written;
  private boolean newServes = true;

  @BeforeAll
  void upgrade() throws Exception {
    fixture = LabFixture.up(LabFixture.serversOnly());
    file = SmallFleet.describe(fixture.lab());
    topology = TopologyFile.read(file);
    client = new FleetClient(topology);
    client.makeTable();
    var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
    old = stage.oldPrimary();
    fresh = stage.newPrimary();
    old.execute("CREATE ROLE batch LOGIN PASSWORD '" + ThrowawayPooler.PASSWORD + "'");
    try (var session = old.connect("podcasts")) {
      session.execute("GRANT INSERT ON public.story TO batch");
    }
    forgotten = pooler();
    kept = forgotten.connect("podcasts");
    writeThrough(kept);
    prompt = new PasswordPrompt(old.address(), old.port(), "app", "podcasts");
    write();
    assertThat(run(Upgrade.Ask.UPGRADE, this::lookAtTheParked)).isEqualTo(new Outcome.Completed());
    assertThat(parked).as("one that came while writes were held").isPresent();
    assertThat(parkedAtRelease).as("whether it was left on the old side").contains(false);
  }

  /** A writer who comes while names are parked stands on an old standby until he is sent away. */
  private void lookAtTheParked(Entry entry) {
    try {
      if (entry instanceof Entry.Done done && done.step().equals("hold-traffic")) {
        parked = Optional.of(client.connect("db1.internal"));
        assertThatThrownBy(() -> writeThrough(parked.orElseThrow()))
            .hasMessageContaining("read-only transaction");
      }
      if (entry instanceof Entry.Started started && started.step().equals("release-traffic")) {
        parkedAtRelease = Optional.of(parked.orElseThrow().isValid(2));
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** One that nobody has told the tool of: it leads to the old primary for ever. */
  private ThrowawayPooler pooler() throws IOException {
    var entry =
        "host=%s port=%d dbname=podcasts user=batch password=%s"
            .formatted(old.address(), old.port(), ThrowawayPooler.PASSWORD);
    return ThrowawayPooler.start(
        LabFixture.programs().pgbouncer(),
        Map.of("podcasts", entry),
        Map.of("query_wait_timeout", "3", "server_login_retry", "1"));
  }

  private void writeThrough(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO public.story VALUES (clock_timestamp(), " + (written + 1) + ")");
      written++;
    }
  }

  @AfterAll
  void down() throws Exception {
    kept.close();
    forgotten.close();
    prompt.close();
    fixture.close();
  }

  private Outcome run(Upgrade.Ask ask, Consumer<Entry> reader) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, Method.LOGICAL, open, reader).run(ask);
    return ((RunEnd.Walked) end).outcome();
  }

  private void killToolAt(String step) {
    Sigkill.toolAt(step, topology, newServes ? "switch-back" : "upgrade", file.toString(), "--yes");
  }

  private void write() throws SQLException {
    client.write(written + 1);
    written++;
  }

  private PgServer serving() {
    return newServes ? fresh : old;
  }

  private PgServer following() {
    return newServes ? old : fresh;
  }

  private static String rows(PgServer server) {
    try (var session = server.connect("podcasts")) {
      return session
          .value(
              "SELECT count(*) || ' rows, ' || count(DISTINCT n) || ' different' FROM public.story")
          .orElse("");
    }
  }

  private void assertEveryRowIsOn(PgServer server) {
    var wanted = written + " rows, " + written + " different";
    Deadline.in(SOON).until(PAUSE, () -> rows(server).equals(wanted));
    assertThat(rows(server)).as("rows on " + server.label()).isEqualTo(wanted);
  }

  @Test
  @Order(1)
  void shouldLetNobodyWriteOnTheOldPrimary() throws Exception {
    assertThat(prompt.isEnded(Duration.ofSeconds(1))).as("a client at its prompt").isTrue();
    for (var user : List.of("app", "app_ro", "upshift_probe", topology.admin().user())) {
      assertThatThrownBy(
              () -> new PasswordPrompt(old.address(), old.port(), user, "podcasts").close())
          .as(user)
          .hasMessageContaining("does not ask for a password");
    }
    assertThatThrownBy(() -> writeThrough(kept))
        .as("a forgotten pooler's client")
        .isInstanceOf(SQLException.class);
    assertThatThrownBy(
            () -> {
              try (var late = forgotten.connect("podcasts")) {
                writeThrough(late);
              }
            })
        .as("a forgotten pooler's new client")
        .isInstanceOf(SQLException.class);
    assertThat(
            old.ask(
                "SELECT setting FROM pg_file_settings WHERE name = 'default_transaction_read_only'"))
        .hasValue("on");
    write();
    assertEveryRowIsOn(old);
  }

  @Test
  @Order(2)
  void shouldRefuseDdlAndSayWhatItCloses() throws SQLException {
    try (var connection = client.connect("db1.internal");
        var statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("ALTER TABLE story ADD COLUMN more int"))
          .hasMessageContaining("the way back of this cluster is open")
          .hasMessageContaining("upshift finish");
      statement.execute("SET session_replication_role = replica");
      statement.execute("CREATE TABLE past_the_guard (id int PRIMARY KEY)");
      var closed = WayBackStatus.of(topology).orElseThrow();
      assertThat(closed.state()).isEqualTo("closed");
      assertThat(closed.why()).contains("past_the_guard");
      assertThat(
              new Upgrade(topology, Method.LOGICAL, (_, _) -> Optional.empty(), _ -> {})
                  .run(Upgrade.Ask.SWITCH_BACK))
          .isInstanceOf(RunEnd.Refused.class);
      statement.execute("DROP TABLE past_the_guard");
    }
    var open = WayBackStatus.of(topology).orElseThrow();
    assertThat(open.state()).as(open.why()).isEqualTo("open");
  }

  @Test
  @Order(2)
  void shouldSayWhatAFailoverWouldDoToTheWayBack() {
    var closing = WayBackStatus.of(topology).orElseThrow();
    assertThat(closing.why())
        .contains("a failover of db4 would close it", "sync_replication_slots");
    var standby =
        Stage.live(topology, Path.of("unused"), Witness.NONE)
            .cluster(Course.SWITCH_BACK)
            .newStandbys()
            .getFirst()
            .server();
    standby.execute("ALTER SYSTEM SET sync_replication_slots = on");
    standby.execute("ALTER SYSTEM SET hot_standby_feedback = on");
    standby.reload(Deadline.in(SOON));
    assertThat(
            Deadline.in(Duration.ofSeconds(90))
                .until(
                    Duration.ofMillis(500),
                    () -> WayBackStatus.of(topology).orElseThrow().why().isEmpty()))
        .as(WayBackStatus.of(topology).orElseThrow().why())
        .isTrue();
  }

  @Test
  @Order(3)
  void shouldLoseNothingWhenEitherServerCrashes() throws SQLException {
    for (var server : List.of(fresh, old)) {
      write();
      Sigkill.server(server);
      write();
      assertEveryRowIsOn(fresh);
      assertEveryRowIsOn(old);
      assertThat(old.letsIn()).isEmpty();
    }
  }

  @ParameterizedTest
  @Order(4)
  @ValueSource(
      strings = {
        "prepare-way-back",
        "open-way-back",
        "admit-clients-to-new",
        "point-traffic-at-new",
        "release-traffic",
        "drop-forward-replication",
        "follow-with-old-primary"
      })
  void shouldLoseNothingWhenTheToolDies(String step) throws SQLException {
    write();
    killToolAt(step);
    var resumed = run(Upgrade.Ask.RESUME, _ -> {});
    assertThat(resumed).isEqualTo(new Outcome.Completed());
    newServes = !newServes;
    write();
    assertEveryRowIsOn(serving());
    assertEveryRowIsOn(following());
    assertThat(serving().letsIn()).isPresent();
    assertThat(following().letsIn()).as("the side that was left").isEmpty();
    var way = WayBackStatus.of(topology).orElseThrow();
    assertThat(way.state()).as(way.why()).isEqualTo("open");
  }

  /** It comes back at once, as under a service manager; the sessions there are gone. */
  @ParameterizedTest
  @Order(4)
  @CsvSource({
    "open-way-back, false",
    "admit-clients-to-new, false",
    "point-traffic-at-new, true",
    "release-traffic, false"
  })
  void shouldLoseNothingWhenAServerCrashesMeanwhile(String step, boolean left) throws SQLException {
    write();
    var victim = left ? serving() : following();
    var ask = newServes ? Upgrade.Ask.SWITCH_BACK : Upgrade.Ask.UPGRADE;
    var outcome =
        run(
            ask,
            entry -> {
              if (entry instanceof Entry.Started started && started.step().equals(step)) {
                Sigkill.server(victim);
              }
            });
    System.out.printf("story: a crash of %s at %s: %s%n", victim.label(), step, outcome);
    for (int i = 0; i < 3 && !(outcome instanceof Outcome.Completed); i++) {
      write();
      outcome = run(Upgrade.Ask.RESUME, _ -> {});
    }
    assertThat(outcome).isEqualTo(new Outcome.Completed());
    newServes = !newServes;
    write();
    assertEveryRowIsOn(serving());
    assertEveryRowIsOn(following());
    assertThat(following().letsIn()).as("the side that was left").isEmpty();
  }

  @Test
  @Order(5)
  void shouldUndoASwitchThatWasBegunAndFollowOn() throws SQLException {
    killToolAt("drain-replication");
    var undone = run(Upgrade.Ask.UNDO, _ -> {});
    assertThat(undone).isInstanceOf(Outcome.Undone.class);
    assertThat(((Outcome.Undone) undone).differences()).isEmpty();
    write();
    assertEveryRowIsOn(serving());
    assertEveryRowIsOn(following());
    assertThat(following().letsIn()).isEmpty();
  }

  @Test
  @Order(6)
  void shouldNotGoBackTwice() {
    var twice = newServes ? Upgrade.Ask.SWITCH : Upgrade.Ask.SWITCH_BACK;
    assertThatThrownBy(() -> run(twice, _ -> {})).isInstanceOf(InputError.class);
  }

  /** Who went back may stay there: then the new cluster is retired. */
  @Test
  @Order(7)
  void shouldLeaveNothingWhenItIsFinishedOnTheOldSide() throws SQLException {
    if (newServes) {
      assertThat(run(Upgrade.Ask.SWITCH_BACK, _ -> {})).isEqualTo(new Outcome.Completed());
      newServes = false;
    }
    assertThat(run(Upgrade.Ask.FINISH, _ -> {})).isEqualTo(new Outcome.Completed());
    write();
    assertEveryRowIsOn(old);
    assertThat(fresh.isRunning()).isFalse();
    assertThat(OursEverywhere.on(List.of(old))).isEmpty();
    assertThat(OursEverywhere.below(fixture.lab().dir().resolve("db"))).isEmpty();
    assertThat(WayBackStatus.of(topology).orElseThrow().state()).isEqualTo("closed");
  }
}
