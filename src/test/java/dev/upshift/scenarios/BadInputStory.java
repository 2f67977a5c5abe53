package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.Witness;
import dev.upshift.postgres.PgServer;
import dev.upshift.run.RunFolder;
import dev.upshift.run.Stage;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabSnapshot;
import dev.upshift.testing.SharedLabs;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.ToolProcess;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import dev.upshift.topology.Topology;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator may have got wrong, each through the real command line: the error names the
 * thing and the remedy, and nothing is changed.
 */
@Tag("real")
@ExtendWith({SharedLabs.class, Stopwatch.class})
class BadInputStory {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(50);
  private static final int INPUT = 2;
  private static final int BLOCKED = 6;

  private final SharedLabs.Stand stand;
  private final Topology topology;
  private final Stage stage;
  private List<Path> runsBefore = List.of();
  @TempDir private Path folder;

  BadInputStory(SharedLabs.Labs labs) {
    stand = labs.servers();
    topology = stand.topology();
    stage = Stage.live(topology, Path.of("unused"), Witness.NONE);
  }

  @BeforeEach
  void rememberRuns() {
    runsBefore = RunFolder.latest(topology).map(RunFolder::folder).stream().toList();
  }

  @Test
  void shouldNameTheTopologyFileThatIsNotThere() {
    refuses(INPUT, folder.resolve("none.yaml"), folder.resolve("none.yaml").toString());
  }

  /** With the word it looks further: the server is another version than the file says. */
  @Test
  void shouldWantAWordForASourceFromWhichNobodyHasTried() throws IOException {
    var said = "version: \"" + SharedLabs.FROM + "\"";
    var file = stand.with("old-source", said, "version: \"12\"");
    refuses(BLOCKED, file, "nobody has upgraded from before 13", "--untested-source");
    var tool = ToolProcess.run(LIMIT, "upgrade", file.toString(), "--yes", "--untested-source");
    assertThat(tool.said()).doesNotContain("nobody has upgraded").contains("12");
    assertThat(tool.exitCode()).as(tool.said()).isEqualTo(BLOCKED);
  }

  @Test
  void shouldNameTheLoginThatFailsForItsPassword() throws IOException {
    var passfile = folder.resolve("passfile");
    Files.writeString(passfile, "*:*:*:*:wrong\n");
    Files.setPosixFilePermissions(passfile, PosixFilePermissions.fromString("rw-------"));
    var real = topology.admin().passfile().toString();
    var file = stand.with("wrong-password", "\"" + real + "\"", "\"" + passfile + "\"");
    refuses(
        BLOCKED,
        file,
        "db1 (" + SharedLabs.FROM + ")",
        "password authentication failed",
        "passfile");
  }

  @Test
  void shouldNameTheServerThatCannotBeReached() {
    var db3 = standby("db3");
    db3.stop(PgServer.Stop.FAST, Deadline.in(LIMIT));
    try {
      refuses(BLOCKED, stand.file(), "db3", topology.server("db3").address());
    } finally {
      db3.start(Deadline.in(LIMIT));
    }
  }

  @Test
  void shouldNameTheAddressThatIsNobodys() {
    var address = topology.server("db3").address();
    var file =
        stand.with(
            "wrong-address", "name: db3, address: " + address, "name: db3, address: 127.77.255.9");
    refuses(BLOCKED, file, "127.77.255.9");
  }

  @Test
  void shouldNameTheVersionThatTheServersAreNot() {
    var is = SharedLabs.FROM;
    var said = PgVersion.of(is.major() - 1);
    var file = stand.with("wrong-version", "version: \"" + is + "\"", "version: \"" + said + "\"");
    refuses(BLOCKED, file, "db1 runs version " + is + ", the topology says " + said, "old.version");
  }

  @Test
  void shouldNameTheFolderThatHasNoPrograms() {
    var bin = topology.newCluster().bin().toString();
    var file = stand.with("no-programs", "bin: \"" + bin + "\"", "bin: \"" + folder + "\"");
    refuses(BLOCKED, file, "db4 lacks", "initdb", "of version 18 in " + folder);
  }

  @Test
  void shouldNameTheDiskThatIsTooSmall() throws Exception {
    // A file with a hole counts as part of the database, and no disk holds a copy of it.
    var base = stage.oldPrimary().data().resolve("base/1/upshift-test-hole");
    try (var file = new RandomAccessFile(base.toFile(), "rw")) {
      file.setLength(8L << 40);
    }
    try {
      refuses(BLOCKED, stand.file(), "db4 has", "MB free", "are needed", "disk space on db4");
    } finally {
      Files.delete(base);
    }
  }

  @Test
  void shouldNameThePortThatIsTaken() throws IOException {
    var candidate = stage.candidate();
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(candidate.address(), candidate.port()));
      var port = "port " + candidate.port() + " of " + candidate.address() + " on db4 is taken";
      refuses(BLOCKED, stand.file(), port, "ss -ltnp");
    }
  }

  @Test
  void shouldNameTheDataDirectoryThatIsOccupied() throws IOException {
    var data = stage.newPrimary().data();
    boolean made = Files.notExists(data.getParent());
    Files.createDirectories(data);
    Files.writeString(data.resolve("precious"), "");
    try {
      refuses(BLOCKED, stand.file(), data + " on db4 is not empty", "move it away");
      assertThat(data.resolve("precious")).exists();
    } finally {
      Files.delete(data.resolve("precious"));
      Files.delete(data);
      if (made) {
        Files.delete(data.getParent());
      }
    }
  }

  @Test
  void shouldNameTheStandbyThatDoesNotStream() throws IOException {
    var db3 = standby("db3");
    var file = db3.data().resolve("postgresql.auto.conf");
    var settings = Files.readString(file);
    db3.execute("ALTER SYSTEM SET primary_conninfo = ''");
    db3.reload(Deadline.in(LIMIT));
    try {
      assertThat(Deadline.in(SOON).until(PAUSE, () -> receivers(db3).equals("0"))).isTrue();
      refuses(
          BLOCKED,
          stand.file(),
          "db3 (" + SharedLabs.FROM + ") does not stream from its primary",
          "its log");
    } finally {
      Files.writeString(file, settings, StandardCharsets.UTF_8);
      db3.reload(Deadline.in(LIMIT));
    }
  }

  private static String receivers(PgServer standby) {
    return standby.ask("SELECT count(*) FROM pg_stat_wal_receiver").orElse("");
  }

  @Test
  void shouldSayThatReadsNeedAStandbyToBeParkedOn() throws IOException {
    var text = Files.readString(stand.file());
    var lines =
        text.replaceAll("(?m)^  - \\{name: db[23],.*\n", "")
            .replace(", db2.internal: db2, db3.internal: db3", "")
            .replace("read: db2.internal", "read: db1.internal");
    var file = Files.writeString(folder.resolve("no-standby.yaml"), lines);
    refuses(INPUT, file, "standby", file + ":");
  }

  @Test
  void shouldNameTheTransactionThatIsPrepared() throws SQLException {
    onPrimary("BEGIN", "INSERT INTO public.story VALUES (now(), 7)", "PREPARE TRANSACTION 'left'");
    try {
      refuses(BLOCKED, stand.file(), "the transaction left in podcasts", "ROLLBACK PREPARED");
    } finally {
      onPrimary("ROLLBACK PREPARED 'left'");
    }
  }

  @Test
  void shouldNameTheColumnWhoseOptionIsUnknown() throws SQLException {
    // What a minor release of the old version may bring, put into the catalog.
    onPrimary(
        "CREATE TABLE public.\"optional\" (n int)",
        "UPDATE pg_attribute SET attoptions = '{n_distinct=5,upshift_made_up=1}' WHERE attrelid = 'public.optional'::regclass AND attname = 'n'");
    try {
      refuses(
          BLOCKED,
          stand.file(),
          "podcasts: the column public.optional.n",
          "the option upshift_made_up of version " + SharedLabs.FROM,
          "newest minor release of " + SharedLabs.TO);
    } finally {
      onPrimary("DROP TABLE public.\"optional\"");
    }
  }

  @Test
  void shouldNameTheRoleWhoseParameterIsGone() throws SQLException {
    // No parameter that a role can have is in 17 and not in 18: one of 13's, put into the catalog.
    onPrimary(
        "ALTER ROLE app SET work_mem = '8MB'",
        "UPDATE pg_db_role_setting SET setconfig = '{operator_precedence_warning=on}' WHERE setrole = 'app'::regrole");
    try {
      refuses(
          BLOCKED,
          stand.file(),
          "ALTER ROLE app SET operator_precedence_warning: version 18 has no such parameter",
          "ALTER ROLE app RESET operator_precedence_warning");
    } finally {
      onPrimary("DELETE FROM pg_db_role_setting WHERE setrole = 'app'::regrole");
    }
  }

  @Test
  void shouldSayThatNobodyCanBeAskedForConsent() {
    var tool = ToolProcess.run(LIMIT, "upgrade", stand.file().toString());
    assertThat(tool.exitCode()).as(tool.said()).isEqualTo(INPUT);
    assertThat(tool.said()).contains("there is no terminal", "HINT", "--yes");
  }

  private void refuses(int exitCode, Path file, String... words) {
    var tool = ToolProcess.run(LIMIT, "upgrade", file.toString(), "--yes");
    assertThat(tool.said()).contains(words).contains("HINT");
    assertThat(tool.exitCode()).as(tool.said()).isEqualTo(exitCode);
  }

  /** After the obstacle was taken away again. */
  @AfterEach
  void assertUnchanged() {
    assertThat(RunFolder.latest(topology).map(RunFolder::folder).stream().toList())
        .isEqualTo(runsBefore);
    Deadline.in(SOON).until(PAUSE, () -> differences().isEmpty());
    assertThat(differences()).isEmpty();
  }

  private List<String> differences() {
    return stand.before().differencesTo(LabSnapshot.of(topology)).stream()
        .map(difference -> difference.substring(0, Math.min(300, difference.length())))
        .toList();
  }

  private PgServer standby(String name) {
    return stage.server(topology.server(name), topology.oldCluster());
  }

  private void onPrimary(String... statements) throws SQLException {
    try (var connection = new FleetClient(topology).connect("db1.internal");
        var statement = connection.createStatement()) {
      for (var sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
