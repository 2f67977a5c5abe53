package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Host;
import dev.upshift.host.Output;
import dev.upshift.host.Staged;
import dev.upshift.time.Deadline;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One process of PgBouncer: its configuration, and its consoles. A PAUSE that waits blocks the
 * console it came by, so each pool that is paused has one of its own besides the one for everything
 * else.
 */
final class Pooler implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration SHORT = Duration.ofMillis(300);
  static final Duration LOOK_AGAIN = Duration.ofMillis(2);

  /** An entry as the running process has it. */
  record Entry(String host, String port, String poolMode, int connections, boolean paused) {
    /** Held, with no server connection left: PAUSE sets its mark at once and waits only then. */
    boolean isHeld() {
      return paused && connections == 0;
    }
  }

  private final Host host;
  private final Path config;
  private final Poolers.Login login;
  private final Consoles consoles;
  private final BriefSettings brief = new BriefSettings(this);
  private volatile boolean onlyShows;

  Pooler(Host host, Path config, Poolers.Login login) {
    this.host = host;
    this.config = config;
    this.login = login;
    this.consoles = new Consoles(host, where(), login, this::ini);
  }

  /** What failures and snapshots call it. */
  String where() {
    return host.name() + ":" + config;
  }

  Host host() {
    return host;
  }

  IniText ini() {
    return IniText.parse(text());
  }

  /** Its bytes, as ISO-8859-1. */
  String text() {
    return host.read(config)
        .map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1))
        .orElseThrow(() ->
            new WorldError(
                where(), "there is no configuration " + config, "correct pgbouncer.processes"));
  }

  /** Lays a configuration ready beside the one that is there. */
  Staged stage(IniText ini) {
    return host.stage(config, ini.text().getBytes(StandardCharsets.ISO_8859_1));
  }

  /** To lay something beside it takes away what a process that was killed has left there. */
  Optional<Path> sweep() {
    stage(ini()).close();
    return Optional.of(config);
  }

  void write(IniText ini) {
    try (var staged = stage(ini)) {
      staged.commit();
    }
  }

  /** Opens a console for everything and one for each of these pools, and tries each of them. */
  void open(List<String> pools) {
    control().show("VERSION", Deadline.in(LIMIT));
    pools.forEach(pool -> consoles.of(pool).show("VERSION", Deadline.in(LIMIT)));
    brief.ready(Deadline.in(LIMIT));
  }

  @Override
  public void close() {
    consoles.close();
  }

  private AdminConsole control() {
    return consoles.of("");
  }

  /** Comes in by an entry as a client, asks for nothing to speak of, and goes. */
  Output login(String entry) {
    return consoles.client(entry);
  }

  List<Map<String, String>> show(String what) {
    return show(what, Deadline.in(LIMIT));
  }

  List<Map<String, String>> show(String what, Deadline deadline) {
    try {
      return control().show(what, deadline);
    } catch (WorldError e) {
      throw hinted(e);
    }
  }

  private WorldError hinted(WorldError e) {
    var hint =
        "does this pooler run, is '%s' one of its admin_users, and its password in %s?"
            .formatted(login.user(), login.passfile());
    return e.hint().isEmpty() ? new WorldError(where(), e.what(), hint, e) : e;
  }

  /** The entries as the process has them now. */
  Map<String, Entry> entries() {
    return entries(Deadline.in(LIMIT));
  }

  Map<String, Entry> entries(Deadline deadline) {
    var entries = new LinkedHashMap<String, Entry>();
    for (var row : show("DATABASES", deadline)) {
      entries.put(
          row.getOrDefault("name", ""),
          new Entry(
              row.getOrDefault("host", ""),
              row.getOrDefault("port", ""),
              row.getOrDefault("pool_mode", ""),
              number(row, "current_connections"),
              row.getOrDefault("paused", "0").equals("1")));
    }
    return entries;
  }

  /**
   * Reads the configuration anew.
   *
   * @return whether it was done, and not only shown
   */
  boolean reload() {
    boolean said = tell("RELOAD");
    brief.forget();
    return said;
  }

  /**
   * Says something that changes the process.
   *
   * @return whether it was said, and not only shown
   */
  boolean tell(String command) {
    return tell(command, Deadline.in(LIMIT));
  }

  boolean tell(String command, Deadline deadline) {
    boolean said = control().tell(command, deadline);
    onlyShows = !said;
    return said;
  }

  /** Whether nothing of what it is told is done. */
  boolean onlyShows() {
    return onlyShows;
  }

  /** A PAUSE, by a console of its own, which is given up where it does not come to its end. */
  boolean tellPause(String pool, Deadline deadline) {
    return tellAlone("PAUSE", pool, deadline);
  }

  /**
   * The same without waiting for anybody: clients and servers are cut off at once, and clients that
   * come wait for RESUME (pgbouncer(1), KILL).
   */
  boolean tellKill(String pool, Deadline deadline) {
    return tellAlone("KILL", pool, deadline);
  }

  private boolean tellAlone(String what, String pool, Deadline deadline) {
    boolean said = false;
    try {
      boolean real = consoles.of(pool).tell(what + " " + AdminConsole.quoted(pool), deadline);
      said = true;
      return real;
    } finally {
      if (!said) {
        consoles.drop(pool); // it may be blocked for as long as the pool is not paused again
      }
    }
  }

  /** A setting's values by its name, as they are now. */
  Map<String, String> settings(Deadline deadline) {
    var settings = new HashMap<String, String>();
    show("CONFIG", deadline)
        .forEach(row -> settings.put(row.getOrDefault("key", ""), row.getOrDefault("value", "")));
    return settings;
  }

  BriefSettings brief() {
    return brief;
  }

  /**
   * Keeps pools from making connections to servers, and waits until none is being made. One that
   * PAUSE, or a RELOAD that leads its pool elsewhere, meets in its login is cut off and counts as a
   * failed login: clients that come then get FATAL 08P01 "server login has been failing", and no
   * other connection is made for server_login_retry (15 s), although nothing is wrong. Tried with
   * 1.18 and 1.26.
   *
   * @return whether none is being made
   */
  boolean calm(Collection<String> pools, Deadline deadline) {
    brief.set(BriefSettings.NO_GROWTH, deadline);
    return deadline.until(LOOK_AGAIN, () -> sum(pools, "sv_login", deadline) == 0);
  }

  /** The sum of a column of SHOW POOLS. */
  int sum(Collection<String> pools, String column, Deadline deadline) {
    return show("POOLS", deadline).stream()
        .filter(row -> pools.contains(row.getOrDefault("database", "")))
        .mapToInt(row -> number(row, column))
        .sum();
  }

  static int number(Map<String, String> row, String column) {
    return AdminConsole.value(row, column).map(Integer::parseInt).orElse(0);
  }

  /** The rows of {@code SHOW what} that are about these pools, if they come at once. */
  List<Map<String, String>> glance(String what, Collection<String> pools) {
    return control().show(what, Deadline.in(SHORT)).stream()
        .filter(row -> pools.contains(row.getOrDefault("database", "")))
        .toList();
  }
}
