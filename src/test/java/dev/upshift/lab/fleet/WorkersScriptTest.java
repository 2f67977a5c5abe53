package dev.upshift.lab.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@Tag("real")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkersScriptTest {
  private static final String WAITING =
      """
      SELECT count(*) FROM people.login_mails WHERE sent_at IS NULL
      """;

  private final HttpClient client = HttpClient.newHttpClient();
  private RealPostgres postgres;
  private Path folder;
  private Path hosts;

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    postgres = new RealPostgres();
    try (Connection connection = postgres.connect("podcasts")) {
      PodcastSchema.create(connection, 5, (done, total) -> {});
    }
    Files.writeString(folder.resolve("workers.sh"), FleetProcess.script());
    hosts = folder.resolve("hosts");
    names("127.0.0.1");
  }

  @AfterAll
  void stop() throws Exception {
    try (var confs = Files.newDirectoryStream(folder, "*.conf")) {
      for (Path conf : confs) {
        script("stop", conf.getFileName().toString().replace(".conf", ""));
      }
    } finally {
      postgres.close();
    }
  }

  @Test
  void shouldStartOnceAndStopAfterTheRunningTransaction() throws Exception {
    Path stats = folder.resolve("work1.json");
    conf("work1", Worker.class, "--rate", "20", "--podcasts", "5", "--stats-file", "" + stats);
    assertThat(script("status", "work1")).isEqualTo(3);
    assertThat(script("start", "work1")).isZero();
    String pid = pid("work1");
    assertThat(script("start", "work1")).as("a second start").isZero();
    assertThat(pid("work1")).isEqualTo(pid);
    assertThat(script("status", "work1")).isZero();
    await(() -> Files.exists(stats) && Files.readString(stats).contains("\"done\":"));
    assertThat(script("stop", "work1")).isZero();
    assertThat(script("status", "work1")).isEqualTo(3);
    assertThat(script("stop", "work1")).as("a second stop").isZero();
    long rounds = number(Files.readString(stats), "rounds");
    assertThat(rounds).isPositive();
    assertThat(postgres.number("SELECT count(*) FROM catalog.chapters WHERE title LIKE 'Part%'"))
        .as("what it counted is what is there")
        .isEqualTo(3 * rounds);
    assertThat(log("work1")).doesNotContain("Exception");
  }

  @Test
  void shouldSendWaitingLoginMailsAndTryAgainAfterAFailure() throws Exception {
    postgres.execute("podcasts", "INSERT INTO people.login_mails (listener_id) VALUES (1)");
    conf("mails", Worker.class, "--kind", "login-mails", "--rate", "20");
    assertThat(script("start", "mails")).isZero();
    await(() -> postgres.number(WAITING) == 0);
    postgres.number(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            + " WHERE application_name = 'mails'");
    postgres.execute("podcasts", "INSERT INTO people.login_mails (listener_id) VALUES (2)");
    await(() -> postgres.number(WAITING) == 0);
    assertThat(script("stop", "mails")).isZero();
  }

  @Test
  void shouldNotTakeAStrangerForTheWorkerOfAStalePidFile() throws Exception {
    conf("work2", Worker.class, "--rate", "20");
    Process stranger = new ProcessBuilder("sleep", "60").start();
    try {
      String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"));
      Files.writeString(folder.resolve("work2.pid"), stranger.pid() + " 17 " + boot);
      assertThat(script("status", "work2")).isEqualTo(3);
      assertThat(script("stop", "work2")).isZero();
      assertThat(stranger.isAlive()).isTrue();
    } finally {
      stranger.destroy();
    }
  }

  @Test
  void shouldSayThatAProcessEndedAtItsStart() throws Exception {
    conf("broken", Worker.class, "--kind", "nonsense");
    assertThat(script("start", "broken")).isEqualTo(1);
    assertThat(log("broken")).contains("argument --kind: no such worker: nonsense");
  }

  @Test
  void shouldFollowTheNamesWhenWritesWereRefused() throws Exception {
    int port = RealPostgres.freePort();
    names("127.0.0.99"); // nobody listens there
    conf("web9", WebApp.class, "--listen", "127.0.0.1:" + port);
    assertThat(script("start", "web9")).isZero();
    assertThat(login(port).statusCode()).isEqualTo(503);
    names("127.0.0.1");
    assertThat(login(port).statusCode()).isEqualTo(201);
    assertThat(script("stop", "web9")).isZero();
  }

  private HttpResponse<String> login(int port) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/login"))
            .POST(BodyPublishers.ofString("listener=1"))
            .build(),
        BodyHandlers.ofString());
  }

  private void names(String db1) throws IOException {
    Files.writeString(
        hosts, db1 + " db1.internal\n127.0.0.1 db2.internal\n127.0.0.1 db3.internal\n");
  }

  private void conf(String name, Class<?> main, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--port", "" + postgres.port, "--passfile", "" + postgres.passfile));
    FleetProcess process =
        new FleetProcess(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            System.getProperty("java.class.path"),
            Optional.of(hosts),
            Optional.empty(),
            main,
            all);
    Files.writeString(folder.resolve(name + ".conf"), process.conf());
  }

  private int script(String action, String name) throws Exception {
    Process process =
        new ProcessBuilder("sh", folder.resolve("workers.sh").toString(), action, name)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("script.log").toFile())
            .start();
    assertThat(process.waitFor(40, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private String pid(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".pid"));
  }

  private String log(String name) throws IOException {
    return Files.readString(folder.resolve(name + ".log"));
  }

  private static long number(String json, String key) {
    return Long.parseLong(json.replaceAll("(?s).*\"" + key + "\":(\\d+).*", "$1"));
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }
}
