package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.WorldError;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OsAccountTest {
  private static final String ROOT = "root:x:0:0:root:/root:/bin/bash";
  private static final String ANN = "ann:x:1000:1000::/home/ann:/bin/sh";
  private static final String POSTGRES = "postgres:x:101:103::/var/lib/postgresql:/bin/bash";
  private static final String NOBODY = "nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin";

  @Test
  void shouldBeOneselfUnlessRoot() {
    assertThat(choose("ann", Map.of("SUDO_UID", "0"), ROOT, ANN, POSTGRES)).isEqualTo("ann");
  }

  @Test
  void shouldBeTheCallerOfSudo() {
    assertThat(choose("root", Map.of("SUDO_UID", "1000"), ROOT, ANN, POSTGRES)).isEqualTo("ann");
  }

  @Test
  void shouldBePostgresElseNobody() {
    assertThat(choose("root", Map.of(), ROOT, NOBODY, POSTGRES)).isEqualTo("postgres");
    assertThat(choose("root", Map.of("SUDO_UID", "0"), ROOT, NOBODY)).isEqualTo("nobody");
  }

  @Test
  void shouldComplainWhereThereIsNobodyButRoot() {
    assertThatThrownBy(() -> choose("root", Map.of(), ROOT))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("no user that PostgreSQL could run as");
  }

  private static String choose(String self, Map<String, String> environment, String... passwd) {
    return OsAccount.choose(self, environment, List.of(passwd));
  }
}
