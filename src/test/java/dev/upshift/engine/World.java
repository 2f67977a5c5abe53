package dev.upshift.engine;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the steps of these tests change: registers that take a value only when they are told twice
 * (so there is half-done work), and things that may be made once only and get a number of their
 * own.
 */
final class World {
  private final Map<String, String> values = new TreeMap<>();
  private final Map<String, String> pending = new TreeMap<>();
  private final Map<String, Integer> things = new TreeMap<>();
  private final CrashPoints crash;
  private int lastNumber = 100;

  World(CrashPoints crash) {
    this.crash = crash;
  }

  synchronized String value(String register) {
    crash.pass();
    return values.getOrDefault(register, "");
  }

  /** Takes note at the first call, takes the value at the second. */
  synchronized void tell(String register, String value) {
    crash.pass();
    if (value.equals(pending.get(register))) {
      pending.remove(register);
      values.put(register, value);
    } else {
      pending.put(register, value);
    }
    crash.pass();
  }

  /** Forgets what was noted. */
  synchronized void cancel(String register) {
    crash.pass();
    pending.remove(register);
    crash.pass();
  }

  synchronized Optional<Integer> number(String thing) {
    crash.pass();
    return Optional.ofNullable(things.get(thing));
  }

  /** Makes a thing; that it is there already is a bug of whoever calls. */
  synchronized void make(String thing) {
    crash.pass();
    if (things.putIfAbsent(thing, ++lastNumber) != null) {
      throw new IllegalStateException(thing + " was made twice");
    }
    crash.pass();
  }

  synchronized void destroy(String thing) {
    crash.pass();
    if (things.remove(thing) == null) {
      throw new IllegalStateException(thing + " was destroyed twice");
    }
    crash.pass();
  }

  /** Sets a register at once, from outside. */
  synchronized World with(String register, String value) {
    values.put(register, value);
    return this;
  }

  /** All that can be seen of it, half-done work too. */
  synchronized String picture() {
    return "values " + values + " pending " + pending + " things " + things.keySet();
  }
}
