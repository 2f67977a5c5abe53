package dev.upshift.lab.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@Tag("real")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebAppTest {
  private static final String END_SESSIONS =
      """
      SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
      WHERE usename IN ('app', 'app_ro')
      """;

  private static final String SESSIONS_OF_WEB1 =
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE usename = 'app_ro' AND application_name = 'web1'
      """;

  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> progress = new ArrayList<>();
  private RealPostgres postgres;
  private WebApp web;
  private ApiApp api;

  @BeforeAll
  void start() throws Exception {
    postgres = new RealPostgres();
    try (Connection connection = postgres.connect("podcasts")) {
      PodcastSchema.create(connection, 50, (done, total) -> progress.add(done + "/" + total));
    }
    System.setProperty("org.postgresql.pgpassfile", postgres.passfile.toString());
    web = new WebApp(arguments("web1"));
    api = new ApiApp(arguments("api1"));
    postgres.number("SELECT 1");
  }

  @AfterAll
  void stop() throws Exception {
    web.stop();
    api.stop();
    System.clearProperty("org.postgresql.pgpassfile");
    postgres.close();
  }

  @Test
  void shouldHaveLoadedEveryRowItPromised() throws Exception {
    assertThat(progress).containsExactly("5000/5000");
    assertThat(PodcastSchema.rows(1000)).isEqualTo(100_000);
    assertThat(postgres.number("SELECT count(*) FROM catalog.episodes WHERE minutes > 0"))
        .isGreaterThanOrEqualTo(800);
    assertThat(postgres.number("SELECT count(*) FROM activity.listens_other")).isZero();
  }

  @Test
  void shouldServePagesSearchesAndFeeds() throws Exception {
    assertThat(get(web.port(), "/").body()).contains("The latest episodes", "<a href=\"/episode/");
    assertThat(get(web.port(), "/episode/7").body()).contains("Opening of episode 7");
    assertThat(get(web.port(), "/search?q=guest7").body()).contains("/episode/7\"");
    assertThat(get(web.port(), "/episode/50").statusCode()).as("a draft").isEqualTo(404);
    assertThat(get(web.port(), "/healthz").statusCode()).isEqualTo(200);
    assertThat(get(api.port(), "/api/feed/3").body()).contains("\"episodes\" : [{\"id\":");
    assertThat(get(api.port(), "/api/episodes?after=5").body()).startsWith("[{\"id\":6,");
  }

  @Test
  void shouldKeepFourConnectionsForEachNameUnderLoad() throws Exception {
    Callable<Integer> view = () -> get(web.port(), "/").statusCode();
    try (var visitors = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Integer> status : visitors.invokeAll(Collections.nCopies(60, view))) {
        assertThat(status.get()).isEqualTo(200);
      }
    }
    assertThat(postgres.number(SESSIONS_OF_WEB1)).isBetween(4L, 8L);
  }

  @Test
  void shouldSaveWhatVisitorsSend() throws Exception {
    long before = postgres.number("SELECT count(*) FROM activity.playlist_items");
    assertThat(playlist(1).statusCode()).isEqualTo(201);
    assertThat(postgres.number("SELECT count(*) FROM activity.playlist_items"))
        .isEqualTo(before + 1);
    assertThat(post("/clip", "listener=1&episode=2&from=3&to=9&note=x").statusCode())
        .isEqualTo(201);
    assertThat(playlist(999_999).statusCode()).as("no such listener").isEqualTo(400);
  }

  @Test
  void shouldNotFailAReadWhenAllSessionsWereEnded() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(get(web.port(), "/").statusCode()).isEqualTo(200);
      assertThat(postgres.number(END_SESSIONS)).isPositive();
    }
    for (int i = 0; i < 8; i++) {
      assertThat(get(web.port(), "/").statusCode()).isEqualTo(200);
      assertThat(get(web.port(), "/search?q=comet").statusCode()).isEqualTo(200);
      assertThat(get(api.port(), "/api/feed/1").statusCode()).isEqualTo(200);
    }
    assertThat(get(web.port(), "/stats").body())
        .contains("\"readErrorsByState\":{}")
        .doesNotContain("\"failed\"")
        .containsPattern("\"read\":\\{\"opened\":\\d+,\"idle\":4,\"reconnects\":[1-9]");
  }

  @Test
  void shouldRestWritesWhileTheServerIsReadOnlyAndRecoverAtOnce() throws Exception {
    assertThat(playlist(1).statusCode()).isEqualTo(201);
    readOnly("on");
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> answer = playlist(1);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).startsWith("writes rest for a moment, SQLSTATE 25006");
    }
    assertThat(get(web.port(), "/").statusCode()).isEqualTo(200);
    readOnly("off");
    assertThat(playlist(1).statusCode()).isEqualTo(201);
    assertThat(get(web.port(), "/stats").body()).contains("\"25006\":3");
  }

  @Test
  void shouldNotRepeatAWriteOnAClosedConnection() throws Exception {
    // Another test has ended sessions: the first write finds that out, and throws them away.
    assertThat(List.of(playlist(1).statusCode(), playlist(1).statusCode())).endsWith(201);
    postgres.number(END_SESSIONS);
    long before = postgres.number("SELECT count(*) FROM activity.playlists");
    assertThat(playlist(1).statusCode()).isEqualTo(503);
    assertThat(postgres.number("SELECT count(*) FROM activity.playlists")).isEqualTo(before);
    assertThat(playlist(1).statusCode()).as("all closed ones were thrown away").isEqualTo(201);
  }

  private void readOnly(String state) throws Exception {
    postgres.execute(
        "podcasts",
        "ALTER SYSTEM SET default_transaction_read_only = " + state,
        "SELECT pg_reload_conf()");
    long deadline = System.nanoTime() + 5_000_000_000L;
    String sql = "SELECT (current_setting('default_transaction_read_only') = '" + state + "')::int";
    while (postgres.number(sql) != 1 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
  }

  private Arguments arguments(String name) {
    return Arguments.parse(
        new String[] {
          "--name", name,
          "--listen", "127.0.0.1:0",
          "--port", String.valueOf(postgres.port),
          "--write", "127.0.0.1",
          "--read", "127.0.0.1",
          "--search", "127.0.0.1"
        },
        union());
  }

  private static Set<String> union() {
    Set<String> known = new HashSet<>(Service.KNOWN);
    known.add("name");
    return known;
  }

  private HttpResponse<String> playlist(int listener) throws Exception {
    return post("/playlist", "listener=" + listener + "&episode=7&title=For+the+train");
  }

  private HttpResponse<String> post(String path, String form) throws Exception {
    return send(web.port(), path, b -> b.POST(BodyPublishers.ofString(form)));
  }

  private HttpResponse<String> get(int port, String path) throws Exception {
    return send(port, path, HttpRequest.Builder::GET);
  }

  private HttpResponse<String> send(
      int port, String path, UnaryOperator<HttpRequest.Builder> method)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return client.send(method.apply(HttpRequest.newBuilder(uri)).build(), BodyHandlers.ofString());
  }
}
