package dev.upshift.upgrade.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.postgres.HbaFile;
import dev.upshift.postgres.Passfile;
import dev.upshift.postgres.PgServer;
import dev.upshift.testing.ServerPair;
import dev.upshift.testing.ThrowawayServer;
import dev.upshift.time.Deadline;
import dev.upshift.topology.PgVersion;
import dev.upshift.upgrade.checks.Finding.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where pg_hba.conf lets the administrator in whatever his password is. */
@Tag("real")
class OtherPasswordOnRealServerTest {
  private static final PgVersion VERSION = PgVersion.of(15);

  @TempDir Path folder;

  @Test
  void shouldTellPasswordsApartHoweverTheyAreKept() throws Exception {
    try (var pair =
        ServerPair.start(VERSION, ThrowawayServer.DEBIAN_15, UnaryOperator.identity())) {
      var primary = pair.primary();
      var made = pair.candidate().server();
      primary.execute("CREATE DATABASE zebra");
      assertThat(made.address()).isNotEqualTo(primary.address());
      primary.writeHba(new HbaFile("local all all trust\nhost all all all trust\n"));
      primary.reload(Deadline.in(Duration.ofSeconds(10)));
      for (var kind : List.of("md5", "scram-sha-256")) {
        for (var password : List.of("plain", " '\"\\$:%p ", "gänzlich")) {
          try (var session = primary.connect()) {
            session.execute("SET password_encryption = '" + kind + "'");
            session.execute(
                "ALTER ROLE postgres PASSWORD '%s'".formatted(password.replace("'", "''")));
          }
          assertThat(look(pair, line("*", "*", "*", password))).as(kind + password).isEmpty();
          if (password.equals("plain")) {
            assertThat(look(pair, line("*", "*", "*", "plaim")))
                .as(kind)
                .containsExactly(
                    "the password of postgres in the password file is not that of "
                        + where(primary),
                    "the password of postgres in the password file is not that of " + where(made));
          }
        }
      }
      primary.execute("ALTER ROLE postgres PASSWORD 'plain'");
      shouldFindALineForEachServerAndDatabase(pair);
      shouldKnowHowLongItIsGood(pair);
      primary.execute("ALTER ROLE postgres PASSWORD NULL");
      assertThat(look(pair, line("*", "*", "*", "plain")))
          .containsExactly("postgres has no password on " + primary.label());
    }
  }

  private void shouldFindALineForEachServerAndDatabase(ServerPair pair) throws IOException {
    var primary = pair.primary();
    var made = pair.candidate().server();
    var port = Integer.toString(primary.port());
    var his = line(primary.address(), port, "*", "plain");
    var madePort = Integer.toString(made.port());
    assertThat(look(pair, "")).containsExactly(missing(where(primary)), missing(where(made)));
    assertThat(look(pair, his)).containsExactly(missing(where(made)));
    assertThat(look(pair, his + line(made.address(), madePort, "postgres", "plain")))
        .containsExactly(missing(where(made).replace("database postgres", "database zebra")));
    assertThat(look(pair, his + line(made.sockets().toString(), madePort, "*", "plain"))).isEmpty();
    assertThat(
            look(
                pair,
                his
                    + line(made.sockets().toString(), madePort, "*", "plain")
                    + line("*", "*", "*", "another's")))
        .isEmpty();
  }

  private void shouldKnowHowLongItIsGood(ServerPair pair) throws IOException {
    for (var good :
        Map.of("1 hour", Severity.BLOCKS, "-1 hour", Severity.BLOCKS, "9 days", Severity.WARNS)
            .entrySet()) {
      pair.primary()
          .execute(
              "DO $$ BEGIN EXECUTE format('ALTER ROLE postgres VALID UNTIL %L', now() + interval '"
                  + good.getKey()
                  + "'); END $$");
      assertThat(findings(pair, line("*", "*", "*", "plain")))
          .as(good.getKey())
          .singleElement()
          .matches(finding -> finding.severity() == good.getValue())
          .matches(finding -> finding.what().contains("is good until 2"));
    }
    pair.primary().execute("ALTER ROLE postgres VALID UNTIL 'infinity'");
    assertThat(look(pair, line("*", "*", "*", "plain"))).isEmpty();
  }

  private static String missing(String where) {
    return "the password file has no line for postgres at " + where;
  }

  private static String where(PgServer server) {
    return "%s (%s:%d), database postgres"
        .formatted(server.label(), server.address(), server.port());
  }

  private static String line(String host, String port, String database, String password) {
    return Passfile.line(host, port, database, "postgres", password);
  }

  private List<Finding> findings(ServerPair pair, String passfile) throws IOException {
    var file = Files.writeString(folder.resolve("passfile"), passfile);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return new RefuseOtherPassword(
            pair.primary(), List.of(pair.candidate().server()), Passfile.read(file))
        .look();
  }

  private List<String> look(ServerPair pair, String passfile) throws IOException {
    return findings(pair, passfile).stream().map(Finding::what).toList();
  }
}
