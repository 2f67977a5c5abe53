package dev.upshift.lab.fleet;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** What visitors ask for: each kind of visit has a rate, and makes a new request each time. */
record Visits(List<Kind> kinds) {
  /**
   * A kind of visit.
   *
   * @param rate visits a second, above zero
   */
  record Kind(String path, boolean write, double rate, Function<Random, HttpRequest> request) {}

  private static final Duration PATIENCE = Duration.ofSeconds(40);

  static Visits from(Arguments arguments) {
    String site = arguments.need("site");
    String api = arguments.need("api");
    int podcasts = arguments.number("podcasts", 1);
    double pages = arguments.decimal("pages", 20);
    double apiReads = arguments.decimal("api-reads", 5);
    return new Visits(
        List.of(
                read("/", pages / 4, r -> site + "/"),
                read("/episode", pages * 3 / 4, r -> site + "/episode/" + episode(r, podcasts)),
                read(
                    "/search",
                    arguments.decimal("searches", 5),
                    r -> site + "/search?q=guest" + r.nextInt(2000)),
                read(
                    "/api/feed", apiReads / 2, r -> api + "/api/feed/" + (1 + r.nextInt(podcasts))),
                read(
                    "/api/episodes",
                    apiReads / 2,
                    r -> api + "/api/episodes?after=" + r.nextInt(16 * podcasts)),
                write(
                    site,
                    "/playlist",
                    arguments.decimal("playlists", 2),
                    r -> common(r, podcasts) + "&title=For+the+train"),
                write(
                    site,
                    "/clip",
                    arguments.decimal("clips", 2),
                    r -> common(r, podcasts) + "&from=10&to=40&note=Well+said"),
                write(
                    site,
                    "/login",
                    arguments.decimal("logins", 1),
                    r -> "listener=" + listener(r, podcasts)))
            .stream()
            .filter(kind -> kind.rate() > 0)
            .toList());
  }

  private static Kind read(String path, double rate, Function<Random, String> address) {
    return new Kind(path, false, rate, r -> to(address.apply(r)).GET().build());
  }

  private static Kind write(String site, String path, double rate, Function<Random, String> form) {
    return new Kind(
        path,
        true,
        rate,
        r ->
            to(site + path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form.apply(r)))
                .build());
  }

  private static HttpRequest.Builder to(String address) {
    return HttpRequest.newBuilder(URI.create(address)).timeout(PATIENCE);
  }

  /** Of each fifty episodes the first two cannot be seen: a draft and a withdrawn one. */
  private static int episode(Random random, int podcasts) {
    int episode = 1 + random.nextInt(16 * podcasts);
    return episode % 50 <= 1 ? 2 : episode;
  }

  private static int listener(Random random, int podcasts) {
    return 1 + random.nextInt(10 * podcasts);
  }

  private static String common(Random random, int podcasts) {
    return "listener=" + listener(random, podcasts) + "&episode=" + episode(random, podcasts);
  }
}
