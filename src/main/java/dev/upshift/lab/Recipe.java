package dev.upshift.lab;

import dev.upshift.topology.PgVersion;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What is fetched together and lies in one folder of the cache.
 *
 * @param name the folder's name
 * @param packages the Debian packages asked for; what they depend on comes along
 * @param suites where to look, in this order
 * @param programs the folder of the programs, relative to the tree
 * @param required what must be in that folder
 */
record Recipe(
    String name,
    List<String> packages,
    List<String> suites,
    String programs,
    Set<String> required) {

  // Perl is for extensions in Perl and for Debian's wrappers; LLVM only for PostgreSQL's JIT, which
  // is left out (a server whose provider is missing goes on without it) because it is a third of
  // everything.
  private static final List<String> UNUSED = List.of("libperl", "libllvm", "libz3", "libclang");

  private static final String PATCHELF = "patchelf";

  static Recipe postgres(PgVersion version) {
    return new Recipe(
        "postgresql-" + version,
        List.of("postgresql-" + version),
        Suites.ofPostgres(version),
        "usr/lib/postgresql/" + version + "/bin",
        PostgresPrograms.REQUIRED);
  }

  static Recipe postgresWith(PgVersion version, List<String> extensions) {
    var plain = postgres(version);
    return new Recipe(
        plain.name() + "+" + String.join("+", extensions),
        Stream.concat(plain.packages().stream(), extensions.stream()).toList(),
        plain.suites(),
        plain.programs(),
        plain.required());
  }

  static Recipe haproxy() {
    return new Recipe(
        "haproxy", List.of("haproxy"), Suites.OWN_FIRST, "usr/sbin", Set.of("haproxy"));
  }

  static Recipe pgbouncer(String name, List<String> suites) {
    return new Recipe(name, List.of("pgbouncer"), suites, "usr/sbin", Set.of("pgbouncer"));
  }

  /** The newest: an older one does not know the newest PostgreSQL. */
  static Recipe pgbackrest() {
    return new Recipe(
        "pgbackrest", List.of("pgbackrest"), Suites.NEWEST_FIRST, "usr/bin", Set.of("pgbackrest"));
  }

  /**
   * The SSH server. Until 9.2 it is one program; the one of later suites starts others, which it
   * looks for where only an installed package has them.
   */
  static Recipe sshd() {
    return new Recipe(
        "sshd",
        List.of("openssh-server"),
        List.of("bookworm", "bullseye"),
        "usr/sbin",
        Set.of("sshd"));
  }

  /** What is installed: the packages asked for and patchelf, which ties the programs. */
  List<String> withPatchelf() {
    return Stream.concat(packages.stream(), Stream.of(PATCHELF)).toList();
  }

  /**
   * Whether a package of the closure is unpacked: what was asked for, its own parts
   * (postgresql-client-N) and the libraries.
   */
  boolean unpacks(String packageName) {
    if (withPatchelf().contains(packageName)) {
      return true;
    }
    if (UNUSED.stream().anyMatch(packageName::startsWith)) {
      return false;
    }
    return packageName.startsWith("lib")
        || packageName.startsWith("zlib")
        || packageName.startsWith("postgresql-client-");
  }
}
