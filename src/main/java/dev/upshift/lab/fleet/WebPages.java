package dev.upshift.lab.fleet;

import dev.upshift.lab.fleet.Site.Answer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The pages of the site: each is read with the statements below and nothing else. */
final class WebPages {
  private static final String LATEST =
      """
      SELECT id, title, podcast FROM catalog.latest_episodes
      ORDER BY published_at DESC LIMIT 20
      """;

  private static final String SEARCH =
      """
      SELECT id, title FROM catalog.search_episodes(?, 20)
      """;

  private static final String EPISODE =
      """
      SELECT e.title, e.notes, e.seconds, p.title AS podcast,
             (SELECT count(*) FROM activity.clips c WHERE c.episode_id = e.id) AS clips
      FROM catalog.episodes e JOIN catalog.podcasts p ON p.id = e.podcast_id
      WHERE e.id = ? AND e.state = 'published'
      """;

  private static final String CHAPTERS =
      """
      SELECT starts_at_second, title FROM catalog.chapters
      WHERE episode_id = ? ORDER BY starts_at_second
      """;

  private WebPages() {}

  static Answer front(Connection connection) throws SQLException {
    StringBuilder list = new StringBuilder("<ul>\n");
    try (PreparedStatement statement = connection.prepareStatement(LATEST);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        list.append(link(rows.getLong("id"), rows.getString("title")))
            .append(" <i>")
            .append(escape(rows.getString("podcast")))
            .append("</i></li>\n");
      }
    }
    return page("The latest episodes", list.append("</ul>").toString());
  }

  static Answer search(Connection connection, String words) throws SQLException {
    StringBuilder list = new StringBuilder("<ul>\n");
    try (PreparedStatement statement = connection.prepareStatement(SEARCH)) {
      statement.setString(1, words);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          list.append(link(rows.getLong("id"), rows.getString("title"))).append("</li>\n");
        }
      }
    }
    return page("Episodes with " + words, list.append("</ul>").toString());
  }

  static Answer episode(Connection connection, long id) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(EPISODE)) {
      statement.setLong(1, id);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Answer.text(404, "there is no such episode");
        }
        String head =
            "<p><i>%s</i>, %d minutes, %d clips</p>\n<p>%s</p>\n"
                .formatted(
                    escape(row.getString("podcast")),
                    row.getInt("seconds") / 60,
                    row.getLong("clips"),
                    escape(row.getString("notes")));
        return page(row.getString("title"), head + chapters(connection, id));
      }
    }
  }

  private static String chapters(Connection connection, long id) throws SQLException {
    StringBuilder list = new StringBuilder("<ol>\n");
    try (PreparedStatement statement = connection.prepareStatement(CHAPTERS)) {
      statement.setLong(1, id);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          list.append("<li value=\"")
              .append(rows.getInt(1) / 60)
              .append("\">")
              .append(escape(rows.getString(2)))
              .append("</li>\n");
        }
      }
    }
    return list.append("</ol>").toString();
  }

  private static String link(long id, String title) {
    return "<li><a href=\"/episode/" + id + "\">" + escape(title) + "</a>";
  }

  private static Answer page(String title, String body) {
    return Answer.html(
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>%1$s</title></head>
        <body><form action="/search"><input name="q"><button>Search</button></form>
        <h1>%1$s</h1>
        %2$s
        </body></html>
        """
            .formatted(escape(title), body));
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
