package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.host.Witness;
import dev.upshift.journal.Entry;
import dev.upshift.postgres.HbaFile;
import dev.upshift.postgres.PgServer;
import dev.upshift.postgres.Sql;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Stage;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.LabSnapshot;
import dev.upshift.testing.PasswordPrompt;
import dev.upshift.testing.ServingSide;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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

/**
 * What goes wrong while one side follows the other, in one lab and one run: nothing of it reaches
 * the clients, the switch is refused or undone and can be tried again, and in the end all is taken
 * back.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FollowingStory {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private LabFixture fixture;
  private Topology topology;
  private FleetClient client;
  private LabSnapshot before;
  private PgServer old;
  private PgServer follower;

  @BeforeAll
  void prepare() throws SQLException {
    fixture = LabFixture.up(LabFixture.serversOnly());
    topology = TopologyFile.read(SmallFleet.describe(fixture.lab()));
    client = new FleetClient(topology);
    client.makeTable();
    before = LabSnapshot.of(topology);
    var stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
    old = stage.oldPrimary();
    follower = stage.newPrimary();
    assertThat(run(Upgrade.Ask.PREPARE)).isEqualTo(new Outcome.Completed());
  }

  @AfterAll
  void down() {
    fixture.close();
  }

  private Outcome run(Upgrade.Ask ask) {
    return run(ask, (_, _) -> Optional.of(new Gate.Go("a test", "--yes")));
  }

  private Outcome run(Upgrade.Ask ask, Gate gate) {
    return run(ask, gate, _ -> {});
  }

  private Outcome run(Upgrade.Ask ask, Gate gate, Consumer<Entry> reader) {
    var end = new Upgrade(topology, Method.LOGICAL, gate, reader).run(ask);
    return ((RunEnd.Walked) end).outcome();
  }

  @Test
  @Order(2)
  void shouldNotSwitchWithATableThatCameInPastTheGuard() throws SQLException {
    // As a session of a tool would that replicates: the guard does not fire for it.
    try (var connection = client.connect("db1.internal")) {
      execute(connection, "SET session_replication_role = replica");
      execute(connection, "CREATE TABLE past_the_guard (id int PRIMARY KEY)");
      execute(connection, "INSERT INTO past_the_guard VALUES (1)");
      execute(connection, "CREATE ROLE past_the_guard");
    }
    var asked = new AtomicInteger();
    var outcome =
        run(
            Upgrade.Ask.SWITCH,
            (_, _) -> {
              asked.incrementAndGet();
              return Optional.empty();
            });
    assertThat(outcome).isInstanceOf(Outcome.Blocked.class);
    assertThat(outcome.toString()).contains("past_the_guard");
    assertThat(asked).hasValue(0);
    // Made there too, it is still not followed, and its row not there: skipped without a word, if
    // nobody looked.
    try (var there = follower.connect("podcasts")) {
      there.execute("CREATE TABLE public.past_the_guard (id int PRIMARY KEY)");
      assertThat(Deadline.in(SOON).until(PAUSE, () -> isRunning(follower))).isTrue();
      assertThat(run(Upgrade.Ask.SWITCH).toString()).contains("not followed", "past_the_guard");
      there.execute("DROP TABLE public.past_the_guard");
    }
    try (var connection = client.connect("db1.internal")) {
      execute(connection, "SET session_replication_role = replica");
      execute(connection, "DROP TABLE past_the_guard");
    }
    // Roles raise no event, and are found all the same.
    assertThat(run(Upgrade.Ask.SWITCH).toString()).contains("pg_authid", "past_the_guard");
    try (var connection = client.connect("db1.internal")) {
      execute(connection, "DROP ROLE past_the_guard");
    }
  }

  @Test
  @Order(3)
  void shouldNotSwitchWhileApplyFails() throws SQLException {
    try (var there = follower.connect("podcasts")) {
      there.execute("INSERT INTO upshift.marker (id, text) VALUES (1000000, 'in the way')");
    }
    try (var here = old.connect("podcasts")) {
      here.execute("INSERT INTO upshift.marker (id, text) VALUES (1000000, 'the real one')");
    }
    assertThat(Deadline.in(SOON).until(PAUSE, () -> !isRunning(follower))).isTrue();
    assertThat(run(Upgrade.Ask.SWITCH)).isInstanceOf(Outcome.Blocked.class);
    client.write(1);
    try (var there = follower.connect("podcasts")) {
      there.execute("DELETE FROM upshift.marker WHERE id = 1000000");
    }
    assertThat(Deadline.in(SOON).until(PAUSE, () -> isRunning(follower))).isTrue();
  }

  private static boolean isRunning(PgServer follower) {
    try (var session = follower.connect("podcasts")) {
      return session.isTrue(
          "SELECT count(*) = (SELECT count(*) FROM pg_subscription) FROM pg_stat_subscription WHERE pid IS NOT NULL");
    }
  }

  @Test
  @Order(4)
  void shouldNotHoldClientsWhereARoleWasMadeBehindTheGate() {
    var outcome =
        run(
            Upgrade.Ask.SWITCH,
            (_, _) -> {
              old.execute("CREATE ROLE newcomer LOGIN");
              return Optional.of(new Gate.Go("a test", "--yes"));
            });
    assertThat(outcome.toString()).contains("changed since the stream began", "newcomer");
    assertThat(outcome).isInstanceOf(Outcome.Undone.class);
    old.execute("DROP ROLE newcomer");
  }

  @Test
  @Order(5)
  void shouldUndoASwitchThatCannotDrainAndGoOnFollowing() throws Exception {
    // A lock on the following side: what was acknowledged last cannot arrive in time.
    try (var lock = follower.jdbc("podcasts")) {
      lock.setAutoCommit(false);
      var outcome =
          run(
              Upgrade.Ask.SWITCH,
              (_, _) -> {
                try {
                  execute(lock, "LOCK TABLE upshift.marker IN ACCESS EXCLUSIVE MODE");
                } catch (SQLException e) {
                  throw new AssertionError(e);
                }
                return Optional.of(new Gate.Go("a test", "--yes"));
              });
      assertThat(outcome).isInstanceOf(Outcome.Undone.class);
      assertThat(((Outcome.Undone) outcome).differences()).isEmpty();
      lock.rollback();
    }
    client.write(2);
  }

  @Test
  @Order(6)
  void shouldEndAClientThatStandsAtItsPasswordPrompt() throws Exception {
    try (var prompt = new PasswordPrompt(old.address(), old.port(), "app", "podcasts")) {
      // Undone at the border's check: the old primary serves in the end, the client is gone.
      var outcome =
          run(
              Upgrade.Ask.SWITCH,
              (_, _) -> {
                closeSequences();
                return Optional.of(new Gate.Go("a test", "--yes"));
              });
      assertThat(outcome).isInstanceOf(Outcome.Undone.class);
      assertThat(prompt.isEnded(Duration.ofSeconds(1))).isTrue();
    }
    client.write(3);
  }

  /**
   * With an error in its file the server goes by the rules that it had; here they turn strangers
   * away, so that the login that is tried says nothing. The operator mends the file at once.
   */
  @Test
  @Order(5)
  void shouldUndoASwitchWhosePgHbaConfCannotBeRead() throws Exception {
    var text = old.hba().text();
    var strict = text.replaceFirst("(?m)^host +all +all +", "host all postgres,upshift_probe ");
    assertThat(strict).isNotEqualTo(text);
    readHba(strict);
    assertThat(old.letsIn()).isEmpty();
    var wrong = "host all all nonsense\n";
    var outcome =
        run(
            Upgrade.Ask.SWITCH,
            (_, _) -> {
              old.writeHba(new HbaFile(strict + wrong));
              return Optional.of(new Gate.Go("a test", "--yes"));
            },
            entry -> {
              if (entry instanceof Entry.Failed) {
                old.writeHba(new HbaFile(old.hba().text().replace(wrong, "")));
              }
            });
    assertThat(outcome).isInstanceOf(Outcome.Undone.class);
    assertThat(outcome.toString()).contains("fence-old-primary", "pg_hba.conf has an error");
    assertThat(old.hba().text()).isEqualTo(strict);
    client.write(5);
    readHba(text);
  }

  private void readHba(String text) {
    old.writeHba(new HbaFile(text));
    old.reload(Deadline.in(SOON));
  }

  /** A sequence that the other side has not: copy-sequences, behind the fence, finds it. */
  private void closeSequences() {
    try (var there = follower.connect("podcasts")) {
      there.execute("CREATE SEQUENCE public.only_there");
    }
  }

  @Test
  @Order(7)
  void shouldNotSwitchWithASlotThatIsLost() throws Exception {
    try (var there = follower.connect("podcasts")) {
      there.execute("DROP SEQUENCE public.only_there");
      for (var name : subscriptions(there)) {
        there.execute("ALTER SUBSCRIPTION " + Sql.identifier(name) + " DISABLE");
      }
    }
    try (var here = old.connect("podcasts")) {
      here.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
      here.execute("SELECT pg_reload_conf()");
      for (int i = 0; i < 5; i++) {
        here.execute("SELECT pg_switch_wal()");
        here.execute("INSERT INTO upshift.marker (text) VALUES ('one more segment')");
      }
      here.execute("CHECKPOINT");
    }
    var outcome = run(Upgrade.Ask.SWITCH);
    assertThat(outcome).isInstanceOf(Outcome.Blocked.class);
    assertThat(outcome.toString()).contains("is lost");
    client.write(4);
  }

  private static List<String> subscriptions(Sql session) {
    return session.query(
        "SELECT subname FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
        row -> row.getString(1));
  }

  @Test
  @Order(8)
  void shouldTakeEverythingBack() {
    try (var here = old.connect()) {
      here.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '20480MB'");
      here.execute("SELECT pg_reload_conf()");
    }
    var outcome = run(Upgrade.Ask.UNDO);
    assertThat(outcome).isInstanceOf(Outcome.Undone.class);
    assertThat(((Outcome.Undone) outcome).differences()).isEmpty();
    assertThat(new ServingSide(topology).wrongWithOld(before)).isEmpty();
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
