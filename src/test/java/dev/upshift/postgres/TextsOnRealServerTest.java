package dev.upshift.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upshift.host.Command;
import dev.upshift.host.LocalHost;
import dev.upshift.host.Witness;
import dev.upshift.testing.ThrowawayServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What we write into a server's files, and read from its programs, by the server's own word. */
@Tag("real")
class TextsOnRealServerTest {
  private static final Path BIN = Path.of("/usr/lib/postgresql/15/bin");

  private static final List<String> ODD =
      List.of(
          "",
          "plain",
          "it's",
          "''",
          "'",
          "back\\slash",
          "\\n is no line end",
          "ends with \\",
          "# no comment",
          "a = 'b'",
          "%m [%p] %q%u@%d ",
          "tab\there",
          "\u00e9\u4e2d",
          "'; include 'x");

  @Test
  void shouldBeReadAsWeMeantIt() throws Exception {
    try (var server = ThrowawayServer.start(BIN);
        var connection = server.connect()) {
      var data = Path.of(value(connection, "SHOW data_directory"));
      shouldReadSettingsBack(server, connection, data.resolve("postgresql.conf"));
      shouldReadControlFile(connection, data);
    }
  }

  private static void shouldReadSettingsBack(
      ThrowawayServer server, Connection connection, Path file) throws Exception {
    for (int i = 0; i < ODD.size(); i++) {
      Files.writeString(
          file, Settings.line("upshift.odd" + i, ODD.get(i)), StandardOpenOption.APPEND);
    }
    assertThat(value(connection, "SELECT count(*) FROM pg_file_settings WHERE error IS NOT NULL"))
        .isEqualTo("0");
    value(connection, "SELECT pg_reload_conf()");
    awaitReload(server);
    try (var fresh = server.connect()) {
      for (int i = 0; i < ODD.size(); i++) {
        assertThat(value(fresh, "SELECT current_setting('upshift.odd" + i + "')"))
            .isEqualTo(ODD.get(i));
      }
    }
    var sorted = "SELECT count(*) FROM pg_file_settings WHERE name LIKE 'upshift.%' AND applied";
    assertThat(value(connection, sorted)).isEqualTo(Integer.toString(ODD.size()));
  }

  /** A reload is asynchronous; new sessions show the setting when it has happened. */
  private static void awaitReload(ThrowawayServer server) {
    var last = "SELECT coalesce(current_setting('upshift.odd1', true), '')";
    assertThat(
            dev.upshift.time.Deadline.in(java.time.Duration.ofSeconds(20))
                .until(
                    java.time.Duration.ofMillis(20),
                    () -> {
                      try (var fresh = server.connect()) {
                        return value(fresh, last).equals("plain");
                      } catch (SQLException e) {
                        throw new IllegalStateException(e);
                      }
                    }))
        .isTrue();
  }

  private static void shouldReadControlFile(Connection connection, Path data) throws Exception {
    var host = new LocalHost("here", Witness.NONE);
    var said = host.ask(Command.of(BIN.resolve("pg_controldata"), "-D", data)).orFail().out();
    var control = ControlFile.parse("here", said);
    assertThat(control.state()).isEqualTo("in production");
    assertThat(control.shutDownCleanly()).isFalse();
    assertThat(control.systemIdentifier())
        .isEqualTo(value(connection, "SELECT system_identifier FROM pg_control_system()"));
    assertThat(control.checkpoint().toString())
        .isEqualTo(value(connection, "SELECT checkpoint_lsn FROM pg_control_checkpoint()"));
    assertThat(control.checksums()).isFalse();
  }

  private static String value(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return String.valueOf(rows.getString(1));
    }
  }
}
