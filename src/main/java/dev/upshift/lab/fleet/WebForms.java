package dev.upshift.lab.fleet;

import dev.upshift.lab.fleet.Site.Answer;
import dev.upshift.lab.fleet.Site.Request;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What a visitor can write: each form is one transaction. */
final class WebForms {
  private static final String PLAYLIST =
      """
      INSERT INTO activity.playlists (listener_id, title) VALUES (?, ?) RETURNING id
      """;

  private static final String FIRST_ITEM =
      """
      INSERT INTO activity.playlist_items (playlist_id, position, episode_id)
      VALUES (?, 1, ?) RETURNING playlist_id
      """;

  private static final String CLIP =
      """
      INSERT INTO activity.clips (listener_id, episode_id, from_second, to_second, note)
      VALUES (?, ?, ?, ?, ?) RETURNING id
      """;

  private static final String LOGIN =
      """
      INSERT INTO people.login_mails (listener_id) VALUES (?) RETURNING id
      """;

  private WebForms() {}

  /** Fields: listener, title, episode. */
  static Answer playlist(Connection connection, Request form) throws SQLException {
    long id = insert(connection, PLAYLIST, form.number("listener"), form.field("title"));
    insert(connection, FIRST_ITEM, id, form.number("episode"));
    return saved("playlist", id);
  }

  /** Fields: listener, episode, from, to, note. */
  static Answer clip(Connection connection, Request form) throws SQLException {
    return saved(
        "clip",
        insert(
            connection,
            CLIP,
            form.number("listener"),
            form.number("episode"),
            (int) form.number("from"),
            (int) form.number("to"),
            form.field("note")));
  }

  /** Fields: listener. The mail itself is sent by the offline fleet. */
  static Answer login(Connection connection, Request form) throws SQLException {
    return saved("login mail", insert(connection, LOGIN, form.number("listener")));
  }

  static long insert(Connection connection, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private static Answer saved(String what, long id) {
    return Answer.text(201, what + " " + id + " is saved");
  }
}
