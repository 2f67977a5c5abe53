package dev.upshift.postgres;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Extensions that run jobs of their own inside a server. On a copy, a job would be done twice, with
 * effects outside the database; so they are held by the setting that each of them has for it, which
 * needs a reload only.
 */
public final class Schedulers {
  /** A scheduler's library, the setting that holds it, and the value that does. */
  private record Scheduler(String library, String setting, String held) {}

  private static final List<Scheduler> KNOWN =
      List.of(
          // pg_cron's README: "cron.launch_active_jobs", read again on reload.
          new Scheduler("pg_cron", "cron.launch_active_jobs", "off"),
          // pg_partman's documentation: no database listed means that its background worker does
          // nothing.
          new Scheduler("pg_partman_bgw", "pg_partman_bgw.dbname", ""));

  private Schedulers() {}

  /**
   * The settings that hold every scheduler that this server preloads, by its files: it need not
   * run.
   */
  public static Map<String, String> held(PgServer server) {
    var settings = new LinkedHashMap<String, String>();
    if (server.exists()) {
      var preloaded = List.of(server.setInFiles("shared_preload_libraries").split("[\\s,\"]+"));
      KNOWN.stream()
          .filter(known -> preloaded.contains(known.library()))
          .forEach(known -> settings.put(known.setting(), known.held()));
    }
    return settings;
  }

  /** The names of the settings that hold schedulers. */
  public static List<String> settings() {
    return KNOWN.stream().map(Scheduler::setting).toList();
  }
}
