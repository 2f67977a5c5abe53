package dev.upshift.postgres;

import dev.upshift.failure.WorldError;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What {@code pg_controldata} says of a data directory (run in the C locale, where its labels are
 * fixed; src/bin/pg_controldata).
 *
 * @param state e.g. "in production", "shut down", "shut down in recovery"
 * @param checkpoint the latest checkpoint's position
 * @param timeline the latest checkpoint's timeline
 * @param systemIdentifier the cluster's identity: a standby shares its primary's, pg_upgrade's new
 *     cluster has one of its own
 * @param checksums whether data pages carry checksums
 * @param walSegmentBytes the size of a WAL segment
 */
public record ControlFile(
    String state,
    Lsn checkpoint,
    long timeline,
    String systemIdentifier,
    boolean checksums,
    long walSegmentBytes) {

  /** Reads the program's output. */
  static ControlFile parse(String host, String output) {
    Map<String, String> values =
        output
            .lines()
            .filter(line -> line.contains(":"))
            .collect(
                Collectors.toMap(
                    line -> line.substring(0, line.indexOf(':')).strip(),
                    line -> line.substring(line.indexOf(':') + 1).strip(),
                    (first, second) -> first));
    return new ControlFile(
        get(host, values, "Database cluster state"),
        Lsn.parse(get(host, values, "Latest checkpoint location")),
        Long.parseLong(get(host, values, "Latest checkpoint's TimeLineID")),
        get(host, values, "Database system identifier"),
        !get(host, values, "Data page checksum version").equals("0"),
        Long.parseLong(get(host, values, "Bytes per WAL segment")));
  }

  private static String get(String host, Map<String, String> values, String label) {
    var value = values.get(label);
    if (value == null) {
      throw new WorldError(
          host,
          "pg_controldata shows no '" + label + "'",
          "is the bin folder of the right version?");
    }
    return value;
  }

  /** Whether a primary was shut down cleanly: its last WAL record is that shutdown's checkpoint. */
  public boolean shutDownCleanly() {
    return state.equals("shut down");
  }
}
