package dev.upshift.cli;

import dev.upshift.lab.LabOptions;
import dev.upshift.lab.Programs;
import dev.upshift.topology.PgVersion;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that lab and demo share. */
final class LabWishes {
  @Option(
      names = "--from",
      paramLabel = "VERSION",
      description = "the old version (default: the newest that the new one takes over from)")
  private Optional<String> from = Optional.empty();

  @Option(
      names = "--to",
      paramLabel = "VERSION",
      description = "the new version (default: the newest that takes over from the old one)")
  private Optional<String> to = Optional.empty();

  @Option(names = "--dir", paramLabel = "DIR", description = "the lab's folder")
  private Optional<Path> dir = Optional.empty();

  @Option(
      names = "--scale",
      paramLabel = "N",
      description = "how many podcasts (100 rows each; default ${DEFAULT-VALUE})",
      defaultValue = "1000")
  private int scale;

  @Option(names = "--bin", paramLabel = "VERSION=DIR", description = "the programs of a version")
  private Map<String, Path> bins = Map.of();

  @Option(names = "--archive", description = "let the old cluster archive its WAL")
  private boolean archive;

  @Option(
      names = "--traffic",
      description =
          "what leads the applications to the databases: hosts (names in hosts files) or pgbouncer"
              + " (default: hosts; in a demo of the logical method pgbouncer)")
  private Optional<Traffic> traffic = Optional.empty();

  /** What leads clients, as it is typed. */
  private enum Traffic {
    hosts,
    pgbouncer
  }

  Optional<Path> dir() {
    return dir;
  }

  LabOptions options() {
    return options(Traffic.hosts);
  }

  /** The same with poolers where nothing else is said. */
  LabOptions optionsWithPoolers() {
    return options(Traffic.pgbouncer);
  }

  private LabOptions options(Traffic usual) {
    var folders = new java.util.TreeMap<PgVersion, Path>();
    bins.forEach((version, folder) -> folders.put(PgVersion.parse(version), folder));
    var options = LabOptions.usual().withScale(scale).withBins(folders);
    if (from.isPresent() || to.isPresent()) {
      var pair =
          Programs.forThisUser(folders, dev.upshift.lab.Progress.silent())
              .pair(from.map(PgVersion::parse), to.map(PgVersion::parse));
      options = options.withVersions(pair.older(), pair.newer());
    }
    options = dir.isPresent() ? options.withDir(dir.get()) : options;
    options = traffic.orElse(usual) == Traffic.pgbouncer ? options.withPgBouncer() : options;
    return archive ? options.withArchive() : options;
  }
}
