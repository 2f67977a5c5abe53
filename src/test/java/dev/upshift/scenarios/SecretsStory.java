package dev.upshift.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.Witness;
import dev.upshift.run.RunFolder;
import dev.upshift.run.Stage;
import dev.upshift.testing.FleetClient;
import dev.upshift.testing.LabFixture;
import dev.upshift.testing.SmallFleet;
import dev.upshift.testing.Stopwatch;
import dev.upshift.testing.ToolProcess;
import dev.upshift.topology.Topology;
import dev.upshift.topology.TopologyFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Passwords with odd characters in them work, and turn up nowhere: not in the arguments or the
 * environment of any process, in no server's log, journal or report, and not on the console.
 */
@Tag("real")
@ExtendWith(Stopwatch.class)
class SecretsStory {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** What a shell, a connection string, a passfile, SQL and a format would each like to read. */
  private static final String ODD = "ca'na\"ry\\ :;$(id) %s {x}=#&|ä€";

  private final Set<String> hits = new ConcurrentSkipListSet<>();
  private final AtomicLong looked = new AtomicLong();
  private final AtomicBoolean over = new AtomicBoolean();

  @Test
  void shouldShowNoPasswordAnywhere() throws Exception {
    try (var fixture = LabFixture.up(LabFixture.serversOnly())) {
      var file = SmallFleet.describe(fixture.lab());
      var topology = TopologyFile.read(file);
      new FleetClient(topology).makeTable();
      changePassword(topology);
      new FleetClient(topology).write(1);
      var secrets = new TreeSet<>(passwords(topology));
      var watcher = Thread.ofPlatform().daemon().start(() -> watch(secrets));

      var said = new StringBuilder();
      for (var ask : List.of("check", "plan", "upgrade", "status", "switch-back", "finish")) {
        var words = new ArrayList<>(List.of(ask, file.toString(), "--method", "logical"));
        words.addAll(List.of("--yes", "--json", "-"));
        var tool = ToolProcess.run(LIMIT, words.toArray(String[]::new));
        assertThat(tool.exitCode()).as(tool.said()).isZero();
        said.append(tool.said());
        RunFolder.latest(topology).ifPresent(run -> secrets.addAll(ownSecret(run)));
      }
      over.set(true);
      watcher.join();

      System.out.printf(
          "story: %d secrets, looked at %d processes: %s%n", secrets.size(), looked.get(), hits);
      assertThat(looked.get()).isGreaterThan(1000);
      assertThat(hits).as("arguments and environments").isEmpty();
      assertThat(in(said.toString(), secrets)).as("the console and the JSON").isFalse();
      assertThat(files(topology, secrets)).as("logs, journals, reports").isEmpty();
    }
  }

  private static void changePassword(Topology topology) throws IOException {
    var admin = topology.admin();
    var primary = Stage.live(topology, Path.of("unused"), Witness.NONE).oldPrimary();
    try (var session = primary.connect()) {
      session.setPassword(admin.user(), ODD);
    }
    var escaped = ODD.replace("\\", "\\\\").replace(":", "\\:");
    var lines =
        Files.readAllLines(admin.passfile()).stream()
            .map(line ->
                line.contains(":" + admin.user() + ":")
                    ? line.substring(0, line.lastIndexOf(':') + 1) + escaped
                    : line)
            .toList();
    Files.write(admin.passfile(), lines);
  }

  private static List<String> passwords(Topology topology) throws IOException {
    return Stream.concat(
            Stream.of(ODD),
            Files.readAllLines(topology.admin().passfile()).stream()
                .map(line -> line.substring(line.lastIndexOf(':') + 1)))
        .filter(password -> password.length() > 6)
        .distinct()
        .toList();
  }

  private static List<String> ownSecret(RunFolder run) {
    try {
      return Files.exists(run.secret())
          ? List.of(Files.readString(run.secret()).strip())
          : List.of();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Every process of the machine, again and again. */
  private void watch(Set<String> secrets) {
    while (!over.get()) {
      dev.upshift.time.Clock.system().sleep(Duration.ofMillis(2));
      var known = List.copyOf(secrets);
      ProcessHandle.allProcesses()
          .forEach(process -> {
            for (var what : List.of("cmdline", "environ")) {
              var text = read(Path.of("/proc", Long.toString(process.pid()), what));
              looked.incrementAndGet();
              if (in(text, known)) {
                hits.add(what + " of " + text.split("\0", 2)[0]);
              }
            }
          });
    }
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean in(String text, Iterable<String> secrets) {
    for (var secret : secrets) {
      if (text.contains(secret)) {
        return true;
      }
    }
    return false;
  }

  /**
   * All that is kept of runs, and what servers and programs have said; not what holds passwords.
   */
  private static List<String> files(Topology topology, Set<String> secrets) throws IOException {
    var lab = topology.file().getParent();
    try (var all = Files.walk(java.util.Objects.requireNonNull(lab))) {
      return all.filter(Files::isRegularFile)
          .filter(file -> file.toString().contains("/.upshift/") || isLog(file))
          .filter(file -> !file.getFileName().toString().equals("role-password"))
          .filter(file -> in(read(file), secrets))
          .map(Path::toString)
          .toList();
    }
  }

  private static boolean isLog(Path file) {
    var name = file.getFileName().toString();
    return name.endsWith(".log") || List.of("log", "out", "err").contains(name);
  }
}
