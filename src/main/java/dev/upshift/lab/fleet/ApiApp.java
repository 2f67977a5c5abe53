package dev.upshift.lab.fleet;

import dev.upshift.lab.fleet.Site.Answer;
import dev.upshift.lab.fleet.Site.Request;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** An API server of the podcast site: it only reads, feeds from db2 and lists from db3. */
public final class ApiApp {
  private static final String FEED =
      """
      SELECT json_build_object('id', p.id, 'title', p.title, 'episodes',
        (SELECT coalesce(json_agg(row_to_json(e)), '[]')
         FROM (SELECT id, title, seconds, published_at FROM catalog.episodes
               WHERE podcast_id = p.id AND state = 'published'
               ORDER BY published_at DESC LIMIT 20) e))
      FROM catalog.podcasts p WHERE p.id = ?
      """;

  private static final String EPISODES =
      """
      SELECT coalesce(json_agg(row_to_json(e)), '[]')
      FROM (SELECT id, podcast_id, title FROM catalog.episodes
            WHERE id > ? AND state = 'published' ORDER BY id LIMIT 50) e
      """;

  private final Service service;
  private final Site site;

  ApiApp(Arguments arguments) throws IOException {
    this.service = new Service(arguments, false);
    this.site = new Site(arguments.address("listen"), this::answer);
  }

  /**
   * Runs an API server until SIGTERM.
   *
   * @param words see {@link Service}
   */
  public static void main(String[] words) {
    Lifecycle.run(words, Service.KNOWN, arguments -> new ApiApp(arguments)::stop);
  }

  boolean stop() {
    site.stop();
    service.close();
    return true;
  }

  int port() {
    return site.port();
  }

  private Answer answer(Request request) {
    return switch (request.path()) {
      case "/healthz" -> Answer.text(200, "serves");
      case "/stats" -> service.stats();
      case "/api/episodes" ->
          service.read("search", c -> json(c, EPISODES, request.number("after")));
      default ->
          request.path().startsWith("/api/feed/")
              ? service.read("read", c -> json(c, FEED, request.last()))
              : Answer.text(404, "there is no such thing");
    };
  }

  private static Answer json(Connection connection, String sql, long key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Answer.json(row.getString(1))
            : Answer.text(404, "there is no such podcast");
      }
    }
  }
}
