package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.topology.PgVersion;
import java.util.List;
import org.junit.jupiter.api.Test;

class AptTest {

  @Test
  void shouldReadPackagesAndVersionsFromWhatAptWouldInstall() {
    var said =
        List.of(
            "Reading package lists...",
            "Inst libgcc-s1 (16.2.0-3 Debian:testing [amd64]) []",
            "Inst libssl3t64:amd64 (3.6.5-1 Debian:testing [amd64])",
            "Conf libgcc-s1 (16.2.0-3 Debian:testing [amd64])");

    assertThat(Apt.Deb.parse(said))
        .containsExactly(
            new Apt.Deb("libgcc-s1", "16.2.0-3"), new Apt.Deb("libssl3t64", "3.6.5-1"));
  }

  @Test
  void shouldUnpackProgramsAndLibrariesButNeitherPerlNorTools() {
    var recipe = Recipe.postgres(PgVersion.of(17));

    assertThat(
            List.of(
                "postgresql-17", "postgresql-client-17", "libpq5", "zlib1g", "libc6", "libicu76"))
        .allMatch(recipe::unpacks);
    assertThat(
            List.of("perl-base", "libperl5.40", "libllvm19", "postgresql-common", "adduser", "tar"))
        .noneMatch(recipe::unpacks);
  }
}
