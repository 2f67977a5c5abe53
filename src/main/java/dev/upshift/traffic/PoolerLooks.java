package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.AtOnce;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks at processes of PgBouncer, and changes nothing. */
final class PoolerLooks {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

  private final List<Pooler> poolers;
  private final List<String> names;

  PoolerLooks(List<Pooler> poolers, List<String> names) {
    this.poolers = poolers;
    this.names = names.stream().sorted().toList();
  }

  List<PoolerLook> all() {
    return AtOnce.each(poolers, this::look);
  }

  private PoolerLook look(Pooler pooler) {
    try {
      return new PoolerLook(pooler.where(), Optional.of(facts(pooler)), Optional.empty());
    } catch (WorldError e) {
      return new PoolerLook(pooler.where(), Optional.empty(), Optional.of(e));
    }
  }

  private PoolerLook.Facts facts(Pooler pooler) {
    var ini = pooler.ini();
    var config =
        pooler.show("CONFIG").stream()
            .collect(
                Collectors.toMap(
                    row -> row.getOrDefault("key", ""),
                    row -> row.getOrDefault("value", ""),
                    (_, last) -> last));
    var missing = names.stream().filter(name -> !ini.databases().contains(name)).toList();
    int listening = listening(pooler, config);
    int listed = listed(pooler, config);
    return new PoolerLook.Facts(
        pooler.show("VERSION").stream()
            .findFirst()
            .flatMap(row -> AdminConsole.value(row, "version"))
            .orElse("unknown"),
        seconds(config.getOrDefault("query_wait_timeout", "0")),
        listening < listed || !isActive(pooler),
        Math.max(0, listening - listed),
        missing,
        ini.databases().contains("*") ? missing : List.of(),
        ini.includes(),
        sessions(pooler, config));
  }

  private static Duration seconds(String text) {
    return Duration.ofMillis(new BigDecimal(text).movePointRight(3).longValue());
  }

  /** 1.18 has no SHOW STATE. */
  private static boolean isActive(Pooler pooler) {
    try {
      return pooler.show("STATE").stream()
          .filter(row -> row.getOrDefault("key", "").equals("active"))
          .allMatch(row -> row.getOrDefault("value", "").equals("yes"));
    } catch (WorldError e) {
      if (e.what().contains("invalid command")) {
        return true;
      }
      throw e;
    }
  }

  /**
   * A user's mode wins over the entry's, and that over the process's (objects.c, pool_pool_mode).
   */
  private List<PoolerLook.SessionPool> sessions(Pooler pooler, Map<String, String> config) {
    var usual = config.getOrDefault("pool_mode", "session");
    var entries = pooler.entries();
    var found = new ArrayList<PoolerLook.SessionPool>();
    for (var name : names) {
      var own = Optional.ofNullable(entries.get(name)).map(Pooler.Entry::poolMode).orElse("");
      if ((own.isEmpty() ? usual : own).equals("session")) {
        found.add(new PoolerLook.SessionPool(name, Optional.empty()));
      }
    }
    for (var user : pooler.show("USERS")) {
      if (user.getOrDefault("pool_mode", "").equals("session")) {
        var name = Optional.of(user.getOrDefault("name", ""));
        names.forEach(pool -> found.add(new PoolerLook.SessionPool(pool, name)));
      }
    }
    return found;
  }

  /** How many of the listed processes have this one's machine, address and port. */
  private int listed(Pooler pooler, Map<String, String> config) {
    var machine = machine(pooler);
    return (int)
        poolers.stream()
            .filter(other -> other == pooler || machine(other).equals(machine))
            .filter(other ->
                other == pooler
                    || Stream.of("listen_addr", "listen_port")
                        .allMatch(key ->
                            other
                                .ini()
                                .setting(key)
                                .orElse("")
                                .equals(config.getOrDefault(key, ""))))
            .count();
  }

  /** Several hosts of a topology may be one machine. */
  private static String machine(Pooler pooler) {
    return pooler.host().readText(BOOT).orElse(pooler.host().name());
  }

  /**
   * How many sockets listen on its first address and port: with so_reuseport each process has one.
   * Where it does not listen on any, or says where by a name, it counts as one.
   */
  private static int listening(Pooler pooler, Map<String, String> config) {
    var address = config.getOrDefault("listen_addr", "").split(",", 2)[0].strip();
    int port = Integer.parseInt(config.getOrDefault("listen_port", "6432"));
    return ListeningSockets.count(pooler.host(), address, port).orElse(1);
  }
}
