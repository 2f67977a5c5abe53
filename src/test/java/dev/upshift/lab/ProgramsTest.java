package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.InputError;
import dev.upshift.topology.PgVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
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

  private Programs programs(Map<PgVersion, Path> given) {
    return new Programs(given, new Packages(new Cache(root), Progress.silent()));
  }
}
