package dev.upshift.lab.fleet;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Takes a new episode in: the episode, its chapters, a first listen, the podcast's mark. */
final class EpisodeIngest implements Worker.Task {
  private static final String EPISODE =
      """
      INSERT INTO catalog.episodes (podcast_id, title, notes, seconds, state)
      VALUES (?, ?, 'Taken in from the feed of the podcast.', 1800, 'published') RETURNING id
      """;

  private static final String CHAPTER =
      """
      INSERT INTO catalog.chapters (episode_id, starts_at_second, title)
      VALUES (?, ?, ?) RETURNING episode_id
      """;

  private static final String LISTEN =
      """
      INSERT INTO activity.listens (listener_id, episode_id, seconds) VALUES (?, ?, 60) RETURNING id
      """;

  private static final String REFRESHED =
      """
      UPDATE catalog.podcasts SET refreshed_at = now(), refreshes = refreshes + 1 WHERE id = ?
      """;

  private final int podcasts;
  private long round;

  EpisodeIngest(int podcasts) {
    this.podcasts = podcasts;
  }

  @Override
  public int round(Connection connection) throws SQLException {
    long podcast = 1L + Math.floorMod(round++ * 7919, podcasts);
    long episode = WebForms.insert(connection, EPISODE, podcast, "News of podcast " + podcast);
    for (int part = 0; part < 3; part++) {
      WebForms.insert(connection, CHAPTER, episode, part * 600, "Part " + (part + 1));
    }
    WebForms.insert(connection, LISTEN, podcast, episode);
    try (PreparedStatement statement = connection.prepareStatement(REFRESHED)) {
      statement.setLong(1, podcast);
      statement.executeUpdate();
    }
    return 1;
  }
}
