package dev.upshift.lab;

import dev.upshift.topology.PgVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Installed PostgreSQL programs: where packagers put them, and whether a folder has them all. */
final class PostgresPrograms {
  /** What an upgrade needs of either version. */
  static final Set<String> REQUIRED =
      Set.of(
          "initdb",
          "pg_ctl",
          "postgres",
          "pg_upgrade",
          "pg_dump",
          "pg_dumpall",
          "pg_restore",
          "psql",
          "pg_basebackup",
          "pg_controldata",
          "vacuumdb",
          "pg_resetwal");

  private static final List<String> WRITTEN = List.of("pg_attver");

  private PostgresPrograms() {}

  /** Debian's and the PostgreSQL project's RPM folder of a version. */
  static List<Path> usualFolders(PgVersion version) {
    return List.of(
        Path.of("/usr/lib/postgresql/" + version + "/bin"),
        Path.of("/usr/pgsql-" + version + "/bin"));
  }

  /** The installed version's folder, if it is complete. */
  static Optional<Path> installed(PgVersion version) {
    return usualFolders(version).stream().filter(bin -> missing(bin).isEmpty()).findFirst();
  }

  /** What of {@link #REQUIRED} cannot be executed in the folder. */
  static Set<String> missing(Path bin) {
    var missing = new TreeSet<String>();
    for (var program : REQUIRED) {
      if (!Files.isExecutable(bin.resolve(program))) {
        missing.add(program);
      }
    }
    return missing;
  }

  /**
   * Whether the newer server knows what the older one writes into catalogs. It does not where its
   * minor release is the older one: 17.12 gives every column the option pg_attver, which 18.6 has
   * never heard of, and pg_upgrade fails at the first table (seen with Debian's 17.12-0+deb13u1 and
   * 18.6-3).
   */
  static boolean isKnownTo(Path newerBin, Path olderBin) {
    return WRITTEN.stream()
        .allMatch(word ->
            !contains(olderBin.resolve("postgres"), word)
                || contains(newerBin.resolve("postgres"), word));
  }

  private static boolean contains(Path program, String word) {
    try {
      return new String(Files.readAllBytes(program), StandardCharsets.ISO_8859_1).contains(word);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + program, e);
    }
  }

  /** Whether it is a release: betas and development versions say so after the number. */
  static boolean isReleased(Path bin) {
    var said =
        Child.run(List.of(bin.resolve("postgres").toString(), "--version"), Duration.ofSeconds(20));
    return isReleased(said.lines().isEmpty() ? "" : said.lines().getFirst());
  }

  static boolean isReleased(String versionLine) {
    return versionLine.matches("postgres \\(PostgreSQL\\) [0-9]+(\\.[0-9]+)+( .*)?");
  }
}
