package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.engine.Gate;
import dev.upshift.engine.Outcome;
import dev.upshift.lab.Lab;
import dev.upshift.run.Method;
import dev.upshift.run.RunEnd;
import dev.upshift.run.Upgrade;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.Throwaway;
import dev.upshift.time.Clock;
import dev.upshift.time.Deadline;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A real HAProxy between clients and databases, and a program of the operator's beside it. */
@Tag("real")
@ExtendWith(Stopwatch.class)
class ProxyAndHookStory {
  @TempDir Path folder;

  private static Outcome run(Topology topology, Upgrade.Ask ask) {
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var end = new Upgrade(topology, Method.LOGICAL, open, _ -> {}).run(ask);
    assertThat(end).as(end.toString()).isInstanceOf(RunEnd.Walked.class);
    return ((RunEnd.Walked) end).outcome();
  }

  private Path config() {
    return folder.resolve("haproxy.cfg");
  }

  private void writeConfig(Topology topology, int writePort, int readPort) throws IOException {
    var old = topology.oldCluster().port();
    Files.writeString(
        config(),
        """
        # by hand
        global
          stats socket %s mode 600 level admin
        defaults
          mode tcp
          timeout connect 2s
          timeout client 60s
          timeout server 60s
        listen write
          bind 127.0.0.1:%d
          server pg %s:%d # the primary
        listen read
          bind 127.0.0.1:%d
          server pg %s:%d
        """
            .formatted(
                folder.resolve("admin.sock"),
                writePort,
                topology.primary().address(),
                old,
                readPort,
                topology.standbys().getFirst().address(),
                old));
  }

  private Process startProxy() throws IOException {
    var log = folder.resolve("haproxy.log").toFile();
    return new ProcessBuilder(
            LabFixture.programs().haproxy().toString(), "-db", "-f", config().toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
        .start();
  }

  private static void end(Process process) throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  /** What a DNS would be: a file a name. It fails while there is a file "locked". */
  private void writeHook(Topology topology) throws IOException {
    Files.writeString(folder.resolve("db-rw"), topology.primary().address() + "\n");
    Files.writeString(
        folder.resolve("lead.sh"),
        """
        cd %s
        case $1 in
          show) cat "$2" ;;
          lead)
            [ ! -e locked ] || { echo "the zone is locked" >&2; exit 9; }
            echo "$*" >>calls
            echo "$5" >"$3.new"
            mv "$3.new" "$3" ;;
        esac
        """
            .formatted(folder));
  }

  /** The lab's servers, led by these two and nothing else. */
  private Topology led(Lab lab) throws IOException {
    var text = Files.readString(lab.topologyFile());
    var file = lab.topologyFile().resolveSibling("led.yaml");
    Files.writeString(
        file,
        text.substring(0, text.indexOf("# The names"))
            + """
            traffic:
              - haproxy:
                  host: lb1
                  socket: %1$s/admin.sock
                  config: %1$s/haproxy.cfg
                  servers: {write/pg: db1, read/pg: db2}
              - hook: {host: ops1, command: [sh, %1$s/lead.sh], names: {db-rw: db1}, limit: 5s}
            online: {servers: [web1], minimal: [web1]}
            """
                .formatted(folder));
    return TopologyFile.read(file);
  }

  @Test
  void shouldLeadClientsThroughAProxyAndAHook() throws Exception {
    int writePort = Throwaway.freePort("127.0.0.1");
    int readPort = Throwaway.freePort("127.0.0.1");
    try (var fixture = LabFixture.up(LabFixture.serversOnly())) {
      writeConfig(fixture.lab().topology(), writePort, readPort);
      writeHook(fixture.lab().topology());
      var topology = led(fixture.lab());
      var before = Files.readString(config());
      var proxy = startProxy();
      shouldRefuseAConfigurationOfSomethingElse(topology);
      shouldNotRunWhatOthersMayChange(topology);
      try (var writer = new Writer(topology, writePort)) {
        Files.writeString(folder.resolve("locked"), "");
        var failed = run(topology, Upgrade.Ask.UPGRADE);
        assertThat(failed.toString()).contains("the zone is locked", "db-rw");
        assertThat(failed).isInstanceOf(Outcome.Undone.class);
        assertThat(Files.readString(config())).isEqualTo(before);
        Files.delete(folder.resolve("locked"));

        // What was prepared stands, and the switch is tried again.
        assertThat(run(topology, Upgrade.Ask.RESUME)).isEqualTo(new Outcome.Completed());
        assertThat(version(topology, writePort)).startsWith(topology.newCluster().version() + "");
        assertThat(version(topology, readPort)).startsWith(topology.newCluster().version() + "");
        assertThat(Files.readString(config()))
            .contains(topology.candidate().address() + ":")
            .contains("# the primary", "# by hand")
            .doesNotContain(topology.primary().address() + ":");
        assertThat(Files.readString(folder.resolve("db-rw")).strip())
            .isEqualTo(topology.candidate().address());

        end(proxy);
        proxy = startProxy();
        writer.awaitMore();
        assertThat(version(topology, writePort)).startsWith(topology.newCluster().version() + "");

        assertThat(run(topology, Upgrade.Ask.SWITCH_BACK)).isEqualTo(new Outcome.Completed());
        writer.awaitMore();
        assertThat(version(topology, writePort)).startsWith(topology.oldCluster().version() + "");
        assertThat(Files.readString(folder.resolve("db-rw")).strip())
            .isEqualTo(topology.primary().address());
        assertThat(Files.readString(folder.resolve("calls")).lines())
            .allMatch(line -> line.startsWith("lead point db-rw 127."));
        writer.shouldFindEveryRow();
      } finally {
        end(proxy);
      }
    }
  }

  private static void shouldRefuseAConfigurationOfSomethingElse(Topology topology)
      throws IOException {
    var text = Files.readString(topology.file());
    var other = topology.file().resolveSibling("other.yaml");
    var config = topology.file().resolveSibling("other.cfg");
    Files.writeString(config, "backend read\n  server another 127.0.0.1:1\n");
    Files.writeString(other, text.replaceFirst("config: .*haproxy.cfg", "config: " + config));
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var upgrade = new Upgrade(TopologyFile.read(other), Method.LOGICAL, open, _ -> {});
    var end = upgrade.run(Upgrade.Ask.UPGRADE);
    assertThat(end).as("before anything begins").isInstanceOf(RunEnd.Refused.class);
    assertThat(end.toString()).contains(config + " has no line for the server");
  }

  private void shouldNotRunWhatOthersMayChange(Topology topology) throws IOException {
    var script = folder.resolve("lead.sh");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxrwxr-x"));
    Gate open = (_, _) -> Optional.of(new Gate.Go("a test", "--yes"));
    var upgrade = new Upgrade(topology, Method.LOGICAL, open, _ -> {});
    var end = upgrade.run(Upgrade.Ask.UPGRADE);
    assertThat(end).as("before anything begins").isInstanceOf(RunEnd.Refused.class);
    assertThat(end.toString()).contains(script + " runs as ", "others may change it");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String version(Topology topology, int port) throws SQLException {
    try (var connection = new FleetClient(topology).connectThrough(port);
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SHOW server_version_num")) {
      rows.next();
      return rows.getString(1);
    }
  }

  /** Writes one row after the other through the proxy; each in a connection of its own. */
  private static final class Writer implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final Duration SOON = Duration.ofSeconds(30);
    private final Topology topology;
    private final int port;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final Thread thread;

    Writer(Topology topology, int port) throws SQLException {
      this.topology = topology;
      this.port = port;
      var primary = topology.primary().address();
      try (var connection =
              new FleetClient(topology).connectTo(primary, topology.oldCluster().port());
          var statement = connection.createStatement()) {
        statement.execute("CREATE TABLE public.through_proxy (n int PRIMARY KEY)");
      }
      thread = Thread.ofPlatform().daemon().start(this::write);
    }

    private void write() {
      int n = 0;
      while (!stop.get()) {
        n++;
        try (var connection = new FleetClient(topology).connectThrough(port);
            var statement = connection.createStatement()) {
          statement.execute("INSERT INTO public.through_proxy VALUES (" + n + ")");
          acknowledged.incrementAndGet();
        } catch (SQLException e) {
          failed.incrementAndGet();
        }
        Clock.system().sleep(PAUSE);
      }
    }

    void awaitMore() {
      int enough = acknowledged.get() + 5;
      assertThat(Deadline.in(SOON).until(PAUSE, () -> acknowledged.get() >= enough)).isTrue();
    }

    /** One that failed may be there all the same: its answer was lost. */
    void shouldFindEveryRow() throws SQLException {
      close();
      try (var connection = new FleetClient(topology).connectThrough(port);
          var statement = connection.createStatement();
          var rows = statement.executeQuery("SELECT count(*) FROM public.through_proxy")) {
        rows.next();
        System.out.printf(
            "story: through HAProxy %d rows acknowledged, %d failed, %d there%n",
            acknowledged.get(), failed.get(), rows.getInt(1));
        assertThat(rows.getInt(1)).isBetween(acknowledged.get(), acknowledged.get() + failed.get());
      }
    }

    @Override
    public void close() {
      stop.set(true);
      try {
        thread.join(TimeUnit.SECONDS.toMillis(20));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
