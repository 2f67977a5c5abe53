package dev.upshift.lab.fleet;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Sends the login mails that wait, and marks them as sent: who wants to log in does not wait long,
 * so this worker stops last and starts first.
 */
final class LoginMails implements Worker.Task {
  private static final String SEND =
      """
      UPDATE people.login_mails SET sent_at = now()
      WHERE id IN (SELECT id FROM people.login_mails WHERE sent_at IS NULL
                   ORDER BY queued_at LIMIT 20 FOR UPDATE SKIP LOCKED)
      """;

  @Override
  public int round(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SEND)) {
      return statement.executeUpdate();
    }
  }
}
