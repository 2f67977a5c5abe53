package dev.upshift.lab.fleet;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The database of the podcast site, in the schemas {@code catalog}, {@code people} and {@code
 * activity}: keys and foreign keys, a full-text index, a partitioned table, identity, serial and
 * generated columns, an enum, a view and a function. Its rows are made on the server.
 */
public final class PodcastSchema {
  /** Told after each chunk of rows. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Some rows more are there.
     *
     * @param done how many rows are there now
     * @param total how many there will be
     */
    void loaded(long done, long total);
  }

  private static final int CHUNK_PODCASTS = 500;
  private static final int LARGEST = 5_000_000;

  private static final String VERSION =
      """
      SELECT current_setting('server_version_num')::integer
      """;

  private PodcastSchema() {}

  /** How many rows a site of that many podcasts has: 100 for each. */
  public static long rows(int podcasts) {
    return (long) podcasts * PodcastRows.PER_PODCAST.stream().mapToInt(PodcastRows::each).sum();
  }

  /**
   * Creates everything, in the database that the connection leads to, and gives the roles {@code
   * app} and {@code app_ro}, which exist, their rights. Each chunk of rows is a transaction of its
   * own, so that a big site does not hold back vacuum or standbys.
   *
   * @param connection of a role that may create schemas; in auto-commit mode
   * @param podcasts the scale: 1000 makes 100,000 rows and some tens of MB
   * @throws SQLException also when the schemas exist already
   */
  public static void create(Connection connection, int podcasts, Progress progress)
      throws SQLException {
    if (podcasts < 1 || podcasts > LARGEST) {
      throw new IllegalArgumentException("scale " + podcasts + " is not within 1 and " + LARGEST);
    }
    int version = version(connection);
    try (Statement statement = connection.createStatement()) {
      for (String sql : PodcastTables.TABLES) {
        statement.execute(sql);
      }
      if (version >= 120_000) {
        statement.execute(PodcastTables.GENERATED_COLUMN);
      }
    }
    load(connection, podcasts, progress);
    try (Statement statement = connection.createStatement()) {
      for (String sql : PodcastTables.AFTER_ROWS) {
        statement.execute(sql);
      }
    }
  }

  private static void load(Connection connection, int podcasts, Progress progress)
      throws SQLException {
    long total = rows(podcasts);
    long done = 0;
    for (int first = 1; first <= podcasts; first += CHUNK_PODCASTS) {
      int last = Math.min(podcasts, first + CHUNK_PODCASTS - 1);
      for (PodcastRows rows : PodcastRows.PER_PODCAST) {
        try (PreparedStatement insert = connection.prepareStatement(rows.insert())) {
          insert.setLong(1, (long) (first - 1) * rows.each() + 1);
          insert.setLong(2, (long) last * rows.each());
          insert.setLong(3, podcasts);
          done += insert.executeUpdate();
        }
      }
      progress.loaded(done, total);
    }
  }

  private static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(VERSION)) {
      row.next();
      return row.getInt(1);
    }
  }
}
