package dev.upshift.lab;

/**
 * How many visitors come to the site.
 *
 * @param pages pages read, a second
 * @param searches searches, a second
 * @param apiReads what programs read, a second
 * @param playlists playlists saved, a second
 * @param clips clips saved, a second
 * @param logins logins, a second
 */
public record VisitorRates(
    double pages, double searches, double apiReads, double playlists, double clips, double logins) {

  /** A small site on a weekday: 30 reads and 5 writes a second. */
  public static VisitorRates usual() {
    return new VisitorRates(20, 5, 5, 2, 2, 1);
  }

  /** So many times as many. */
  public VisitorRates times(double factor) {
    return new VisitorRates(
        pages * factor,
        searches * factor,
        apiReads * factor,
        playlists * factor,
        clips * factor,
        logins * factor);
  }
}
