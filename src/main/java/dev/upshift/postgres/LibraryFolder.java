package dev.upshift.postgres;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where a server's programs look for the libraries of extensions ({@code $libdir}). It is built
 * into them, relative to the folder of the programs, and only pg_config tells it, which is not
 * installed with a server everywhere: so it is the folder that has plpgsql's, which every server
 * has.
 *
 * @param server whose programs these are; it need not be made
 * @param folder the folder
 */
public record LibraryFolder(PgServer server, Path folder) {
  /** Debian's, the PostgreSQL project's RPMs', a build's own, Red Hat's. */
  private static final List<String> PLACES =
      List.of("../lib", "../lib/postgresql", "../lib64/pgsql", "../lib64");

  /** The folder of this server; empty where it is none that we know of. */
  public static Optional<LibraryFolder> of(PgServer server) {
    return PLACES.stream()
        .map(place -> new LibraryFolder(server, server.program("postgres").resolveSibling(place)))
        .filter(folder -> folder.has("plpgsql"))
        .findFirst();
  }

  /** Whether there is a library of this name. */
  public boolean has(String library) {
    return server.host().exists(folder.resolve(library + ".so"));
  }
}
