package dev.upshift.traffic;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What leads clients: hosts files, poolers. Every answer is read from the things themselves, never
 * remembered. Of a map, only the names that are its own are looked at.
 */
public interface TrafficSwitch {

  /**
   * What leads clients at present, for {@link #restore}.
   *
   * @param places each place by its name, with its exact content (bytes as ISO-8859-1)
   */
  record Snapshot(Map<String, String> places) {

    /** Whether each place of another is in this one, and has the same content. */
    public boolean includes(Snapshot other) {
      return places.entrySet().containsAll(other.places.entrySet());
    }
  }

  /** The names that it leads. */
  Set<String> names();

  /**
   * Looks whether all that it works with is as it must be, before anybody waits.
   *
   * @throws dev.upshift.failure.WorldError naming what is not
   */
  default void inspect() {}

  /** What leads clients at present; {@link #inspect}s it, too. */
  Snapshot snapshot();

  /**
   * Does beforehand what {@link #point} can find done, so that nobody waits for that; whoever is
   * led feels nothing of it.
   */
  void ready(Map<String, String> nameToAddress);

  /** Throws away what was got ready and not used; what cannot be reached is left. */
  void forget();

  /** Leads each name to its address, everywhere; what leads there already is not touched. */
  void point(Map<String, String> nameToAddress);

  /** Whether each name leads to its address, everywhere. */
  boolean leads(Map<String, String> nameToAddress);

  /** The servers that are left out, because they could not be reached a moment ago, and why. */
  default List<String> away() {
    return List.of();
  }

  /** Brings back what a snapshot holds; what somebody else has changed since is kept. */
  void restore(Snapshot snapshot);
}
