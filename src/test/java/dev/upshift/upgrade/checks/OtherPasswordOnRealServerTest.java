package dev.upshift.upgrade.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.postgres.HbaFile;
import dev.upshift.postgres.PgServer;
import dev.upshift.testing.ServerPair;
import dev.upshift.testing.ThrowawayServer;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Where pg_hba.conf lets the administrator in whatever his password is. */
@Tag("real")
class OtherPasswordOnRealServerTest {
  private static final PgVersion VERSION = PgVersion.of(15);

  @Test
  void shouldTellPasswordsApartHoweverTheyAreKept() throws Exception {
    try (var pair =
        ServerPair.start(VERSION, ThrowawayServer.DEBIAN_15, UnaryOperator.identity())) {
      var primary = pair.primary();
      primary.writeHba(new HbaFile("local all all trust\nhost all all all trust\n"));
      primary.reload(Deadline.in(Duration.ofSeconds(10)));
      for (var kind : List.of("md5", "scram-sha-256")) {
        for (var password : List.of("plain", " '\"\\$:%p ", "gänzlich")) {
          try (var session = primary.connect()) {
            session.execute("SET password_encryption = '" + kind + "'");
            session.execute(
                "ALTER ROLE postgres PASSWORD '%s'".formatted(password.replace("'", "''")));
          }
          assertThat(look(Optional.of(password), primary)).as(kind + password).isEmpty();
          if (password.equals("plain")) {
            assertThat(look(Optional.of("plaim"), primary))
                .as(kind)
                .containsExactly(
                    "the password of postgres in the password file is not that of "
                        + primary.label());
          }
        }
      }
      assertThat(look(Optional.empty(), primary))
          .containsExactly("the password file has no line for postgres at " + primary.label());
      primary.execute("ALTER ROLE postgres PASSWORD NULL");
      assertThat(look(Optional.of("plain"), primary))
          .containsExactly("postgres has no password on " + primary.label());
    }
  }

  private static List<String> look(Optional<String> password, PgServer primary) {
    return new RefuseOtherPassword(primary, password).look().stream().map(Finding::what).toList();
  }
}
