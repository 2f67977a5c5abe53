package dev.upshift.lab.fleet;

import dev.upshift.lab.fleet.Site.Answer;
import dev.upshift.lab.fleet.Site.Request;
import java.io.IOException;

/**
 * A web server of the podcast site. Pages read from db2, searches from db3, playlists, clips and
 * logins write to db1. {@code /healthz} says whether the process serves and asks no database;
 * {@code /stats} are its counters.
 */
public final class WebApp {
  private final Service service;
  private final Site site;

  WebApp(Arguments arguments) throws IOException {
    this.service = new Service(arguments, true);
    this.site = new Site(arguments.address("listen"), this::answer);
  }

  /**
   * Runs a web server until SIGTERM.
   *
   * @param words see {@link Service}
   */
  public static void main(String[] words) {
    Lifecycle.run(words, Service.KNOWN, arguments -> new WebApp(arguments)::stop);
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
    boolean post = request.method().equals("POST");
    String path = request.path();
    return switch (path) {
      case "/healthz" -> Answer.text(200, "serves");
      case "/stats" -> service.stats();
      case "/" -> service.read("read", WebPages::front);
      case "/search" -> service.read("search", c -> WebPages.search(c, request.field("q")));
      case "/playlist" -> post ? service.write(c -> WebForms.playlist(c, request)) : notThatWay();
      case "/clip" -> post ? service.write(c -> WebForms.clip(c, request)) : notThatWay();
      case "/login" -> post ? service.write(c -> WebForms.login(c, request)) : notThatWay();
      default ->
          path.startsWith("/episode/")
              ? service.read("read", c -> WebPages.episode(c, request.last()))
              : Answer.text(404, "there is no such page");
    };
  }

  private static Answer notThatWay() {
    return Answer.text(405, "this form is sent with POST");
  }
}
