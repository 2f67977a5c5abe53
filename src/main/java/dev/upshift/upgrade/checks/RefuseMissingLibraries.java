package dev.upshift.upgrade.checks;

import dev.upshift.postgres.LibraryFolder;
import dev.upshift.postgres.PgServer;
import dev.upshift.topology.PgVersion;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Libraries of extensions that the old servers load must be installed wherever a server will be
 * made. A server whose settings name one that is missing does not start; a function's is found
 * missing by pg_upgrade, in the physical method while clients are held (manual, "pg_upgrade":
 * "Install extension shared object files").
 *
 * @param primary the running one, which names them
 * @param made the servers that will be made
 */
public record RefuseMissingLibraries(PgServer primary, List<PgServer> made) implements Refusal {
  private static final String LIBDIR = "$libdir/";

  /**
   * As pg_upgrade looks for them (function.c, get_loadable_libraries). Where the path of libraries
   * is not the usual one, a bare name may lead anywhere.
   */
  private static final String OF_FUNCTIONS =
      """
      SELECT DISTINCT probin FROM pg_proc p JOIN pg_language l ON l.oid = prolang
      WHERE lanname = 'c' AND p.oid >= 16384
        AND (probin LIKE '$libdir/%' OR current_setting('dynamic_library_path') = '$libdir')
      ORDER BY 1
      """;

  private static final String PRELOADED =
      """
      SELECT name, setting FROM pg_settings
      WHERE name IN ('shared_preload_libraries', 'session_preload_libraries')
        AND current_setting('dynamic_library_path') = '$libdir'
      ORDER BY 1
      """;

  @Override
  public String id() {
    return "missing-libraries";
  }

  @Override
  public String title() {
    return "the libraries that the old servers load are installed wherever a server is made";
  }

  /** Somebody names it, and a version has none. */
  private record Missing(String library, Set<String> by, PgVersion version) {}

  @Override
  public List<Finding> look() {
    var named = named();
    Map<Missing, Set<String>> missing = new LinkedHashMap<>();
    for (var server : made) {
      LibraryFolder.of(server)
          .ifPresent(folder ->
              named.entrySet().stream()
                  .filter(one -> !folder.has(one.getKey()))
                  .map(one -> new Missing(one.getKey(), one.getValue(), server.version()))
                  .forEach(one ->
                      missing.computeIfAbsent(one, _ -> new TreeSet<>()).add(server.name())));
    }
    return missing.entrySet().stream().map(one -> finding(one.getKey(), one.getValue())).toList();
  }

  /** What names each library; those that lie elsewhere than in the usual folder are left out. */
  private Map<String, Set<String>> named() {
    Map<String, Set<String>> named = new TreeMap<>();
    InEachDatabase.find(
            primary,
            OF_FUNCTIONS,
            (database, row) -> Map.entry(row.getString(1), "functions in " + database))
        .forEach(one -> add(named, one.getKey(), one.getValue()));
    try (var session = primary.connect()) {
      session
          .query(PRELOADED, row -> Map.entry(row.getString(2), row.getString(1)))
          .forEach(one ->
              Arrays.stream(one.getKey().split("[\\s,\"]+"))
                  .forEach(library -> add(named, library, one.getValue())));
    }
    return named;
  }

  private static void add(Map<String, Set<String>> named, String library, String by) {
    var name = library.startsWith(LIBDIR) ? library.substring(LIBDIR.length()) : library;
    if (!name.isEmpty() && !name.startsWith("/")) {
      named.computeIfAbsent(name.replaceFirst("\\.so$", ""), _ -> new TreeSet<>()).add(by);
    }
  }

  private Finding finding(Missing one, Set<String> servers) {
    return Finding.blocks(
        "%s: there is no library %s of version %s, and %s names it: %s"
            .formatted(
                String.join(", ", servers),
                one.library(),
                one.version(),
                primary.label(),
                String.join(", ", one.by())),
        "install there the extension that it belongs to, for version "
            + one.version()
            + ", or take it out of the old cluster beforehand");
  }
}
