package dev.upshift.lab;

import dev.upshift.topology.PgVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which of Debian's suites carries which PostgreSQL: a suite has one major version. */
final class Suites {
  /** Newest first. */
  static final List<String> NEWEST_FIRST =
      List.of("sid", "forky", "trixie", "bookworm", "bullseye");

  // https://tracker.debian.org/pkg/postgresql-common: the supported version of each release.
  // A suite in development is followed by sid, which has what was removed from it for a while.
  private static final Map<Integer, List<String>> POSTGRES =
      Map.of(
          13, List.of("bullseye"),
          15, List.of("bookworm"),
          17, List.of("trixie"),
          18, List.of("forky", "sid"));

  /** Stands for the suite that the machine itself takes packages from. */
  static final String OWN = "own";

  /** The machine's own suite, which its libraries are made for, and then the others. */
  static final List<String> OWN_FIRST =
      Stream.concat(Stream.of(OWN), NEWEST_FIRST.stream()).toList();

  private Suites() {}

  /** The suites with the machine's own one put for {@link #OWN}, each once. */
  static List<String> named(List<String> suites, String own) {
    return suites.stream().map(suite -> suite.equals(OWN) ? own : suite).distinct().toList();
  }

  /** The suites to look into, in this order; empty when no suite has it. */
  static List<String> ofPostgres(PgVersion version) {
    return Optional.ofNullable(POSTGRES.get(version.major())).orElse(List.of());
  }

  /** The versions that some suite has, oldest first. */
  static List<PgVersion> postgresVersions() {
    return new TreeSet<>(POSTGRES.keySet()).stream().map(PgVersion::of).toList();
  }

  /** Whether this is the name of one of Debian's suites, or of its moving names for them. */
  static boolean isSuite(String name) {
    return NEWEST_FIRST.contains(name)
        || List.of("unstable", "testing", "stable", "oldstable", "oldoldstable").contains(name);
  }
}
