package dev.upshift.lab.fleet;

import java.util.List;

/**
 * The rows of one table: how many for each podcast, and the statement that makes a range of them.
 * Its parameters are the first and the last key and the number of podcasts.
 */
record PodcastRows(int each, String insert) {
  private static final String PODCASTS =
      """
      INSERT INTO catalog.podcasts (id, title, language)
      SELECT n, 'The ' || w[1 + n % 12] || ' ' || w[1 + n / 12 % 12] || ' hour ' || n,
             (ARRAY['en', 'de', 'fr', 'ja'])[1 + n % 4]
      FROM (SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS podcasts) AS a,
           (SELECT string_to_array('quiet early small open northern curious honest late '
                                   || 'electric wooden green second', ' ') AS w) AS words,
           generate_series(first, last) AS n
      """;

  /** Notes of about 600 bytes; one guest in 2000 makes a search find few episodes. */
  private static final String EPISODES =
      """
      INSERT INTO catalog.episodes (id, podcast_id, title, notes, seconds, state, published_at)
      SELECT n, (n - 1) / 16 + 1,
             initcap(w[1 + n % 48]) || ' and ' || w[1 + n * 7 % 48] || ' ' || n,
             'With guest' || n % 2000 || ' on '
               || (SELECT string_agg(w[1 + (n * 31 + k * k * 17 + n / 48 * k) % 48], ' ')
                   FROM generate_series(1, 80) AS k)
               || ' (' || md5(n::text) || ')',
             600 + n * 37 % 6000,
             (CASE n % 50 WHEN 0 THEN 'draft' WHEN 1 THEN 'withdrawn' ELSE 'published' END)
               ::catalog.episode_state,
             now() - (podcasts * 16 - n) * interval '1 second'
      FROM (SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS podcasts) AS a,
           (SELECT string_to_array(
              'river market window garden engine letter harbour winter bridge number silver '
              || 'village music planet kitchen station history weather mountain island forest '
              || 'language science theatre railway summer teacher doctor painter sailor coffee '
              || 'bakery library museum concert football chess radio camera bicycle airport '
              || 'tunnel castle desert ocean comet glacier lantern', ' ') AS w) AS words,
           generate_series(first, last) AS n
      """;

  private static final String CHAPTERS =
      """
      INSERT INTO catalog.chapters (episode_id, starts_at_second, title)
      SELECT n, 0, 'Opening of episode ' || n
      FROM (SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS podcasts) AS a,
           generate_series(first, last) AS n
      """;

  private static final String LISTENERS =
      """
      INSERT INTO people.listeners (id, email, settings)
      SELECT n, 'listener' || n || '@example.org',
             jsonb_build_object('speed', 1 + n % 3, 'theme', md5(n::text))
      FROM (SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS podcasts) AS a,
           generate_series(first, last) AS n
      """;

  private static final String LOGIN_MAILS =
      """
      INSERT INTO people.login_mails (id, listener_id, queued_at, sent_at)
      SELECT n, 1 + n * 7 % (podcasts * 10), now() - interval '1 day', now() - interval '1 day'
      FROM (SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS podcasts) AS a,
           generate_series(first, last) AS n
      """;

  private static final String PLAYLISTS =
      """
      INSERT INTO activity.playlists (id, listener_id, title)
      SELECT n, 1 + n * 13 % (podcasts * 10), 'Playlist ' || n
      FROM (SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS podcasts) AS a,
           generate_series(first, last) AS n
      """;

  private static final String PLAYLIST_ITEMS =
      """
      INSERT INTO activity.playlist_items (playlist_id, position, episode_id)
      SELECT (n - 1) / 3 + 1, (n - 1) % 3 + 1, 1 + n * 11 % (podcasts * 16)
      FROM (SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS podcasts) AS a,
           generate_series(first, last) AS n
      """;

  private static final String CLIPS =
      """
      INSERT INTO activity.clips (id, listener_id, episode_id, from_second, to_second, note)
      SELECT n, 1 + n * 17 % (podcasts * 10), 1 + n * 19 % (podcasts * 16),
             n % 500, n % 500 + 30, 'Clip ' || n
      FROM (SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS podcasts) AS a,
           generate_series(first, last) AS n
      """;

  /** Spread over the eleven full months before this one. */
  private static final String LISTENS =
      """
      INSERT INTO activity.listens (id, listened_at, listener_id, episode_id, seconds)
      SELECT n,
             date_trunc('month', now())
               - (n * 7919 % (330 * 86400) + 1) * interval '1 second',
             1 + n * 23 % (podcasts * 10), 1 + n * 29 % (podcasts * 16), 60 + n % 3000
      FROM (SELECT ?::bigint AS first, ?::bigint AS last, ?::bigint AS podcasts) AS a,
           generate_series(first, last) AS n
      """;

  static final List<PodcastRows> PER_PODCAST =
      List.of(
          new PodcastRows(1, PODCASTS),
          new PodcastRows(16, EPISODES),
          new PodcastRows(16, CHAPTERS),
          new PodcastRows(10, LISTENERS),
          new PodcastRows(4, PLAYLISTS),
          new PodcastRows(12, PLAYLIST_ITEMS),
          new PodcastRows(3, CLIPS),
          new PodcastRows(36, LISTENS),
          new PodcastRows(2, LOGIN_MAILS));
}
