package dev.upshift.lab;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import dev.upshift.topology.PgVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The programs that the lab runs: what is installed is used as it is, the rest is fetched once from
 * Debian's suites into a cache of this machine, without root. May be used by several threads, and
 * by several processes with the same cache.
 */
public final class Programs {
  /** From here on servers report what the newest PgBouncer remembers of each client. */
  private static final int REPORTS_ITERATIONS = 16;

  private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
  private static final Path SSHD = Path.of("/usr/sbin/sshd");
  private static final Path PGBOUNCER = Path.of("/usr/sbin/pgbouncer");

  private final Map<PgVersion, Path> given;
  private final Packages packages;

  Programs(Map<PgVersion, Path> given, Packages packages) {
    this.given = Map.copyOf(given);
    this.packages = packages;
  }

  /**
   * Programs with this user's cache: /var/cache/upshift as root, else upshift in $XDG_CACHE_HOME or
   * in ~/.cache.
   *
   * @param given folders of programs that the caller names, which win over everything else
   */
  public static Programs forThisUser(Map<PgVersion, Path> given, Progress progress) {
    var root = Cache.usualRoot(System.getenv(), System.getProperty("user.name"));
    return new Programs(given, new Packages(new Cache(root), progress));
  }

  /** Two versions, one to come from and one to go to. */
  public record Pair(PgVersion older, PgVersion newer) {}

  /** Where a version's programs are from. */
  public enum Source {
    /** The caller named the folder. */
    GIVEN,
    /** Installed on this machine. */
    INSTALLED,
    /** Fetched before. */
    CACHED,
    /** One of Debian's suites should have it. */
    FETCHABLE
  }

  /** A version that can be had, or should be able to be had, and from where. */
  public record Available(PgVersion version, Source source) {}

  /**
   * The folder of a version's programs: given, installed, or fetched now (about 10 s).
   *
   * @throws InputError when the version is known nowhere, or the given folder is incomplete
   * @throws WorldError when it cannot be fetched
   */
  public Path postgres(PgVersion version) {
    var named = given.get(version);
    if (named != null) {
      return complete(version, named);
    }
    return PostgresPrograms.installed(version).orElseGet(() -> fetch(version));
  }

  /**
   * A version's programs with these packages of extensions besides, fetched now whatever is
   * installed.
   *
   * @throws WorldError when they cannot be fetched
   */
  public Path postgresWith(PgVersion version, List<String> extensions) {
    return packages.fetch(Recipe.postgresWith(version, extensions));
  }

  /**
   * The haproxy program: installed, or fetched now.
   *
   * @throws WorldError when it cannot be fetched
   */
  public Path haproxy() {
    if (Files.isExecutable(HAPROXY)) {
      return HAPROXY;
    }
    return packages.fetch(Recipe.haproxy()).resolve("haproxy");
  }

  /**
   * The pgbouncer program: installed, or the one of this machine's suite, fetched now.
   *
   * @throws WorldError when it cannot be fetched
   */
  public Path pgbouncer() {
    if (Files.isExecutable(PGBOUNCER)) {
      return PGBOUNCER;
    }
    return packages.fetch(Recipe.pgbouncer("pgbouncer", Suites.OWN_FIRST)).resolve("pgbouncer");
  }

  /**
   * The newest pgbouncer program that Debian has, whatever is installed.
   *
   * @throws WorldError when it cannot be fetched
   */
  public Path newestPgbouncer() {
    var recipe = Recipe.pgbouncer("pgbouncer-newest", List.of("forky", "sid", "trixie"));
    return packages.fetch(recipe).resolve("pgbouncer");
  }

  /**
   * The newest one that may lead back to this version: from 1.26 on it throws its clients out of
   * servers before 16 when they come from later ones, and the machine's own is taken.
   *
   * @throws WorldError when it cannot be fetched
   */
  Path newestPgbouncer(PgVersion older) {
    return older.atLeast(REPORTS_ITERATIONS) ? newestPgbouncer() : pgbouncer();
  }

  /**
   * OpenSSH's server program: installed, or fetched now. It has to be started by its whole path.
   *
   * @throws WorldError when it cannot be fetched
   */
  public Path sshd() {
    if (Files.isExecutable(SSHD)) {
      return SSHD;
    }
    return packages.fetch(Recipe.sshd()).resolve("sshd");
  }

  /**
   * The newest pgbackrest program that Debian has, fetched now.
   *
   * @throws WorldError when it cannot be fetched
   */
  public Path pgbackrest() {
    return packages.fetch(Recipe.pgbackrest()).resolve("pgbackrest");
  }

  /** Every version that can be had, oldest first; asks no mirror. */
  public List<Available> available() {
    var found = new TreeMap<PgVersion, Source>();
    for (var version : Suites.postgresVersions()) {
      var cached = packages.find(Recipe.postgres(version)).isPresent();
      found.put(version, cached ? Source.CACHED : Source.FETCHABLE);
    }
    IntStream.rangeClosed(10, 40)
        .mapToObj(PgVersion::of)
        .filter(version -> PostgresPrograms.installed(version).isPresent())
        .forEach(version -> found.put(version, Source.INSTALLED));
    given.keySet().forEach(version -> found.put(version, Source.GIVEN));
    var all = new ArrayList<Available>();
    found.forEach((version, source) -> all.add(new Available(version, source)));
    return List.copyOf(all);
  }

  /**
   * The newest released version that can be had, and the newest before it that it can take over
   * from; an installed beta does not count. Fetches what has to be looked at.
   *
   * @throws WorldError when no two fit
   */
  public Pair newestPair() {
    return pair(Optional.empty(), Optional.empty());
  }

  /**
   * The same where one of the two is given, or both, which are then not looked at.
   *
   * @throws WorldError when nothing fits
   */
  public Pair pair(Optional<PgVersion> older, Optional<PgVersion> newer) {
    if (older.isPresent() && newer.isPresent()) {
      return new Pair(older.get(), newer.get());
    }
    var newestFirst =
        available().stream().filter(this::isReleased).map(Available::version).toList().reversed();
    for (var to : newer.map(List::of).orElse(newestFirst)) {
      for (var from : older.map(List::of).orElse(newestFirst)) {
        if (from.compareTo(to) < 0 && PostgresPrograms.isKnownTo(postgres(to), postgres(from))) {
          return new Pair(from, to);
        }
      }
    }
    throw new WorldError(
        "this machine",
        "of the PostgreSQL versions that can be had (%s) none takes over from another%s"
            .formatted(
                newestFirst,
                older.or(() -> newer).map(one -> ", one of them being " + one).orElse("")),
        "give two with --from and --to, and their programs with --bin VERSION=PATH");
  }

  private boolean isReleased(Available one) {
    return switch (one.source()) {
      case GIVEN, INSTALLED -> PostgresPrograms.isReleased(postgres(one.version()));
      case CACHED, FETCHABLE -> true;
    };
  }

  private Path fetch(PgVersion version) {
    var recipe = Recipe.postgres(version);
    if (recipe.suites().isEmpty()) {
      throw new InputError(
          "PostgreSQL %s is not on this machine and no Debian suite has it (those that do: %s)"
              .formatted(version, Suites.postgresVersions()),
          installHint(version));
    }
    try {
      return packages.fetch(recipe);
    } catch (WorldError e) {
      var hint = e.hint().isEmpty() ? "" : e.hint() + "; or ";
      throw new WorldError(e.where(), e.what(), hint + installHint(version), e);
    }
  }

  private static Path complete(PgVersion version, Path bin) {
    var missing = PostgresPrograms.missing(bin);
    if (!missing.isEmpty()) {
      throw new InputError(
          "the folder given for PostgreSQL %s, %s, lacks %s"
              .formatted(version, bin, String.join(", ", missing)),
          "give the folder that holds all of the version's programs, server and client");
    }
    return bin;
  }

  private static String installHint(PgVersion version) {
    return "install PostgreSQL %s so that %s exists, or give --bin %s=PATH"
        .formatted(version, PostgresPrograms.usualFolders(version).getFirst(), version);
  }
}
