package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.topology.PgVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramsTest {
  @TempDir private Path root;

  @Test
  void shouldRefuseAVersionThatNoSuiteHasAndSayWhatToDo() {
    assertThatThrownBy(() -> programs(Map.of()).postgres(PgVersion.of(14)))
        .isInstanceOf(InputError.class)
        .hasMessageContaining("no Debian suite has it")
        .extracting(error -> ((InputError) error).hint())
        .isEqualTo(
            "install PostgreSQL 14 so that /usr/lib/postgresql/14/bin exists, or give --bin"
                + " 14=PATH");
  }

  @Test
  void shouldNameWhatAGivenFolderLacks() throws Exception {
    for (var program : PostgresPrograms.REQUIRED) {
      if (!program.equals("pg_upgrade")) {
        Files.createFile(
            root.resolve(program),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
      }
    }

    assertThatThrownBy(() -> programs(Map.of(PgVersion.of(17), root)).postgres(PgVersion.of(17)))
        .isInstanceOf(InputError.class)
        .hasMessageEndingWith("lacks pg_upgrade");
  }

  @Test
  void shouldTellAReleaseFromABeta() {
    assertThat(PostgresPrograms.isReleased("postgres (PostgreSQL) 18.6 (Debian 18.6-3)")).isTrue();
    assertThat(PostgresPrograms.isReleased("postgres (PostgreSQL) 17.11")).isTrue();
    assertThat(PostgresPrograms.isReleased("postgres (PostgreSQL) 19beta2")).isFalse();
    assertThat(PostgresPrograms.isReleased("postgres (PostgreSQL) 20devel")).isFalse();
  }

  /** As with 17.12 and 18.6: what the older one writes, the newer one has never heard of. */
  @Test
  void shouldPairVersionsOfWhichTheNewerKnowsWhatTheOlderWrites() throws Exception {
    var given = new HashMap<PgVersion, Path>();
    given.put(PgVersion.of(97), fake(97, ""));
    given.put(PgVersion.of(98), fake(98, "# pg_attver"));
    given.put(PgVersion.of(99), fake(99, ""));
    assertThat(programs(given).newestPair())
        .isEqualTo(new Programs.Pair(PgVersion.of(97), PgVersion.of(99)));

    assertThat(programs(given).pair(Optional.of(PgVersion.of(97)), Optional.empty()))
        .isEqualTo(new Programs.Pair(PgVersion.of(97), PgVersion.of(99)));
    assertThat(programs(given).pair(Optional.empty(), Optional.of(PgVersion.of(98))))
        .isEqualTo(new Programs.Pair(PgVersion.of(97), PgVersion.of(98)));
    assertThatThrownBy(() -> programs(given).pair(Optional.of(PgVersion.of(98)), Optional.empty()))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("one of them being 98");

    given.put(PgVersion.of(99), fake(99, "# pg_attver"));
    assertThat(programs(given).newestPair())
        .isEqualTo(new Programs.Pair(PgVersion.of(98), PgVersion.of(99)));
  }

  private Path fake(int version, String within) throws IOException {
    var bin = Files.createDirectories(root.resolve("bin" + version));
    var text = "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + ".1'\n" + within + "\n";
    for (var program : PostgresPrograms.REQUIRED) {
      Files.setPosixFilePermissions(
          Files.writeString(bin.resolve(program), text),
          PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return bin;
  }

  private Programs programs(Map<PgVersion, Path> given) {
    return new Programs(given, new Packages(new Cache(root), Progress.silent()));
  }
}
