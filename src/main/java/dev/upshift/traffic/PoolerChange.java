package dev.upshift.traffic;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Staged;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A change of one process's configuration.
 *
 * @param then the text it shall have
 * @param wanted where its entries shall lead then
 * @param staged that text, where it lies ready beside the configuration
 */
record PoolerChange(
    Pooler pooler, IniText now, IniText then, Map<String, Target> wanted, Optional<Staged> staged) {
  private static final Duration CALM_LIMIT = Duration.ofSeconds(1);

  /** Whether entries lead there, by the file and by what the process says. */
  static boolean leads(Pooler pooler, Map<String, Target> wanted) {
    return inFile(pooler.ini(), wanted) && inProcess(pooler.entries(), wanted);
  }

  private static boolean inFile(IniText ini, Map<String, Target> wanted) {
    return wanted.entrySet().stream()
        .allMatch(one ->
            one.getValue()
                .isMetBy(
                    ini.parameter(one.getKey(), "host").orElse(""),
                    ini.parameter(one.getKey(), "port").orElse(Target.USUAL_PORT)));
  }

  private static boolean inProcess(Map<String, Pooler.Entry> entries, Map<String, Target> wanted) {
    return wanted.entrySet().stream()
        .allMatch(one ->
            Optional.ofNullable(entries.get(one.getKey()))
                .map(entry -> one.getValue().isMetBy(entry.host(), entry.port()))
                .orElse(false));
  }

  /**
   * The change that leads entries there.
   *
   * @throws WorldError when the configuration has no such entry
   */
  static PoolerChange leading(Pooler pooler, Map<String, Target> wanted) {
    var now = pooler.ini();
    var then = now;
    for (var one : wanted.entrySet()) {
      if (!now.databases().contains(one.getKey())) {
        throw new WorldError(
            pooler.where(),
            "its section [databases] has no entry " + one.getKey(),
            now.includes()
                ? "move the entry from the included file into this one"
                : "correct the topology, or add the entry");
      }
      then = one.getValue().in(then, one.getKey());
    }
    return new PoolerChange(pooler, now, then, wanted, Optional.empty());
  }

  /**
   * The change that leads these entries back. Where only our own change lies between the two texts,
   * every byte comes back. Otherwise somebody has edited the file since, and keeps what he wrote.
   */
  static PoolerChange back(Pooler pooler, IniText before, Set<String> names) {
    var now = pooler.ini();
    var wanted = new LinkedHashMap<String, Target>();
    names.stream()
        .filter(name -> before.databases().contains(name) && now.databases().contains(name))
        .forEach(name -> wanted.put(name, Target.of(before, name)));
    boolean onlyOurs = led(before, now, wanted.keySet()).equals(now);
    var then = onlyOurs ? before : led(now, before, wanted.keySet());
    return new PoolerChange(pooler, now, then, wanted, Optional.empty());
  }

  /** The same, its text laid ready beside the configuration, where it changes anything. */
  PoolerChange laidReady() {
    return then.equals(now)
        ? this
        : new PoolerChange(pooler, now, then, wanted, Optional.of(pooler.stage(then)));
  }

  /** Throws away what lies ready; what cannot be reached is left. */
  void discard() {
    try {
      staged.ifPresent(Staged::close);
    } catch (WorldError e) {
      // Its machine is away; what is laid beside the file next removes this.
    }
  }

  /** Whether it begins with the configuration as it lies there now. */
  boolean isOfNow() {
    return pooler.text().equals(now.text());
  }

  /** A text with the hosts and ports of another one's entries. */
  private static IniText led(IniText text, IniText like, Set<String> names) {
    var led = text;
    for (var name : names) {
      for (var key : List.of("host", "port")) {
        var value = like.parameter(name, key);
        led = value.equals(led.parameter(name, key)) ? led : led.with(name, key, value);
      }
    }
    return led;
  }

  /**
   * Makes it, on disk and in the process; 1.18 says nothing when it cannot read its configuration
   * anew, so the process is asked.
   *
   * @return whether anything was to be done
   */
  boolean make() {
    if (!then.equals(now)) {
      staged.ifPresentOrElse(Staged::commit, () -> pooler.write(then));
    } else if (inProcess(pooler.entries(), wanted)) {
      return false;
    }
    // Where logins do not come to an end, their server is away, and waiting for it no help.
    pooler.calm(wanted.keySet(), Deadline.in(CALM_LIMIT));
    if (pooler.reload() && !inProcess(pooler.entries(), wanted)) {
      throw new WorldError(
          pooler.where(),
          "after RELOAD its entries do not lead to " + wanted,
          "its log says what it did not like in its configuration");
    }
    return true;
  }
}
