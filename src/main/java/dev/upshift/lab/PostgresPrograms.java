package dev.upshift.lab;

import dev.upshift.topology.PgVersion;
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
