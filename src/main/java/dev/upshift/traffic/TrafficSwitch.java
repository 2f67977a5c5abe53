package dev.upshift.traffic;

import java.util.Map;

/**
 * Where clients are led: hosts files now, poolers and proxies beside them later. Every answer is
 * read from the files themselves, never remembered.
 */
public interface TrafficSwitch {

  /**
   * What leads clients at present, for {@link #restore}.
   *
   * @param places each place by its name, with its exact content (bytes as ISO-8859-1)
   */
  record Snapshot(Map<String, String> places) {}

  /** What leads clients at present. */
  Snapshot snapshot();

  /** Leads each name to its address, everywhere; what leads there already is not touched. */
  void point(Map<String, String> nameToAddress);

  /** Whether each name leads to its address, everywhere. */
  boolean leads(Map<String, String> nameToAddress);

  /** Brings back what a snapshot holds; what somebody else has changed since is kept. */
  void restore(Snapshot snapshot);
}
