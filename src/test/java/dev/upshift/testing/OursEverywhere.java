package dev.upshift.testing;

import dev.upshift.postgres.Databases;
import dev.upshift.postgres.Leftovers;
import dev.upshift.postgres.PgServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Everything of ours that can be found on running servers and beside data directories. */
public final class OursEverywhere {
  private static final String SETTINGS =
      "SELECT name || ' = ' || setting FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf' ORDER BY 1";
  private static final String IDENTITIES =
      "SELECT 'identity of ' || oid::regclass FROM pg_class WHERE relreplident = 'f' ORDER BY 1";

  private OursEverywhere() {}

  /** What is there. */
  public static List<String> on(List<PgServer> servers) {
    var found = new ArrayList<String>();
    for (var server : servers) {
      var where = server.label() + ": ";
      Leftovers.of(server, "upshift").forEach(what -> found.add(where + what));
      for (var database : Databases.namesOf(server)) {
        try (var session = server.connect(database)) {
          Leftovers.in(session).forEach(what -> found.add(where + database + ": " + what));
          session
              .query(IDENTITIES, row -> row.getString(1))
              .forEach(what -> found.add(where + database + ": " + what));
        }
      }
      if (server.hba().text().contains("upshift")) {
        found.add(where + "pg_hba.conf: " + server.hba().text());
      }
      try (var session = server.connect()) {
        session.query(SETTINGS, row -> row.getString(1)).stream()
            .filter(what ->
                what.contains("upshift") || what.startsWith("default_transaction_read_only"))
            .forEach(what -> found.add(where + what));
      }
    }
    return found;
  }

  /** Files and folders of ours below this one. */
  public static List<String> below(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .map(file -> folder.relativize(file).toString())
          .filter(name -> name.contains(".upshift"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
