package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Output;
import dev.upshift.traffic.TriedLogin.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets one process of PgBouncer log in where its entries will lead, as the users that its clients
 * come as. For that it has, for a moment, entries of ours that force such a user ({@code user=},
 * pgbouncer.ini(5)): a client of ours comes in by its own password, PgBouncer logs in at the server
 * by the user's, or by the SCRAM keys that it has of him, and hands us on what the server says
 * (tried with 1.18 and 1.26). Each is tried where the real entry leads now, too: who does not get
 * in there either, as one whom PgBouncer only knows while he is there (auth_query, PAM), says
 * nothing about the new place.
 */
final class PoolerLogins {
  /** An entry may have a pool for each of many users; some of them must do. */
  private static final int MOST_USERS = 20;

  private static final String NAME = "upshift_try_";

  /** A name is used once: who fails is not tried again for server_login_retry. */
  private static final AtomicInteger USED = new AtomicInteger();

  private static final String FATAL = "FATAL:";

  /** What a trigger on login says that writes where nobody may write yet. */
  private static final String READ_ONLY = "read-only transaction";

  private final Pooler pooler;
  private final Map<String, Target> wanted;

  PoolerLogins(Pooler pooler, Map<String, Target> wanted) {
    this.pooler = pooler;
    this.wanted = wanted;
  }

  /** One user of an entry, and the names by which he is tried. */
  private record Way(String entry, Target target, String user, String atPresent, String atWanted) {}

  /**
   * Tries all of them.
   *
   * @throws WorldError when the process does not take the entries
   */
  List<TriedLogin> tried() {
    var ini = pooler.ini().withoutTries();
    var ways = ways(ini);
    var unknown =
        wanted.entrySet().stream()
            .filter(one -> ways.stream().noneMatch(way -> way.entry().equals(one.getKey())))
            .map(one ->
                tried(
                    one.getKey(),
                    one.getValue(),
                    "",
                    new Answer.Unknown("no client has come yet")));
    if (ways.isEmpty()) {
      return unknown.toList();
    }
    var entries = new ArrayList<String>();
    for (var way : ways) {
      entries.add(way.atPresent() + " = " + entry(ini, way, Optional.empty()));
      entries.add(way.atWanted() + " = " + entry(ini, way, Optional.of(way.target())));
    }
    pooler.write(ini.withTries(entries));
    try {
      reload(ways);
      var known =
          ways.stream()
              .map(way -> tried(way.entry(), way.target(), way.user(), answer(way)))
              .toList();
      return Stream.concat(known.stream(), unknown).toList();
    } finally {
      end();
    }
  }

  /** Takes the entries away, also those that a killed tool has left. */
  void end() {
    var ini = pooler.ini();
    if (!ini.equals(ini.withoutTries())) {
      pooler.write(ini.withoutTries());
      pooler.reload();
    }
  }

  private TriedLogin tried(String entry, Target target, String user, Answer answer) {
    return new TriedLogin(pooler.where(), entry, user, target.toString(), answer);
  }

  private List<Way> ways(IniText ini) {
    var pools = pooler.show("POOLS");
    var ways = new ArrayList<Way>();
    for (var one : wanted.entrySet()) {
      var entry = one.getKey();
      var users =
          ini.parameter(entry, "user")
              .map(Stream::of)
              .orElseGet(() ->
                  pools.stream()
                      .filter(row -> entry.equals(row.get("database")))
                      .map(row -> row.getOrDefault("user", "")));
      users
          .filter(user -> !user.isEmpty())
          .distinct()
          .limit(MOST_USERS)
          .forEach(user -> ways.add(new Way(entry, one.getValue(), user, name(), name())));
    }
    return ways;
  }

  private static String name() {
    return NAME + USED.incrementAndGet();
  }

  /** As the real one, but for the user, and for what is told a server first. */
  private static String entry(IniText ini, Way way, Optional<Target> target) {
    var name = way.atPresent();
    var text =
        IniText.parse("[databases]\n" + name + " = " + ini.entry(way.entry()).orElse("") + "\n");
    for (var own : Map.of("user", way.user(), "dbname", way.entry()).entrySet()) {
      if (text.parameter(name, own.getKey()).isEmpty()) {
        text = text.with(name, own.getKey(), Optional.of(own.getValue()));
      }
    }
    var alone = text.with(name, "connect_query", Optional.empty());
    return target.map(place -> place.in(alone, name)).orElse(alone).entry(name).orElse("");
  }

  private void reload(List<Way> ways) {
    if (!pooler.reload()) {
      return;
    }
    var there = pooler.entries().keySet();
    var missing =
        ways.stream()
            .flatMap(way -> Stream.of(way.atPresent(), way.atWanted()))
            .filter(name -> !there.contains(name))
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      throw new WorldError(
          pooler.where(),
          "after RELOAD it does not have the entries " + missing,
          "its log says what it did not like in its configuration");
    }
  }

  private Answer answer(Way way) {
    var present = pooler.login(way.atPresent());
    var now = pooler.login(way.atWanted());
    if (now.ok()) {
      return new Answer.In();
    }
    var why = said(now);
    return !present.ok()
        ? new Answer.Unknown("where it leads now: " + said(present))
        : why.contains(READ_ONLY) ? new Answer.Unknown(why) : new Answer.Refused(why);
  }

  private static String said(Output output) {
    var err = output.err().strip();
    int at = err.indexOf(FATAL);
    return at >= 0 ? err.substring(at + FATAL.length()).strip() : err.isEmpty() ? "no answer" : err;
  }
}
