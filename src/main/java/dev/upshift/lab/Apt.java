package dev.upshift.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * apt-get for one suite of the mirror, in a folder of its own: its own sources, lists and cache,
 * and an empty list of installed packages, so that what it downloads includes the suite's own libc.
 * The machine's apt.conf (proxies, timeouts) holds, its hooks do not. Signatures are always
 * checked.
 */
final class Apt {
  private static final Duration UPDATE_LIMIT = Duration.ofMinutes(5);
  private static final Duration DOWNLOAD_LIMIT = Duration.ofMinutes(30);
  private static final Duration ASK_LIMIT = Duration.ofMinutes(1);

  private final Path folder;
  private final Path configuration;
  private final Mirror mirror;
  private final String suite;

  /** Writes the configuration into the folder, which must be there and belong to nobody else. */
  Apt(Path folder, Mirror mirror, String suite, Optional<Path> keyring) {
    this.folder = folder;
    this.configuration = folder.resolve("apt.conf");
    this.mirror = mirror;
    this.suite = suite;
    write(keyring);
  }

  /** The suite it asks. */
  String suite() {
    return suite;
  }

  /** Reads the suite's index; what apt-get said is in the result, also when it failed. */
  Child.Ended update() {
    return Child.run(aptGet("update"), UPDATE_LIMIT);
  }

  /** What would be installed on an empty machine, in apt's order; empty when it has no package. */
  List<Deb> closure(List<String> packages) {
    var arguments = new ArrayList<>(aptGet("--simulate"));
    arguments.add("install");
    arguments.addAll(packages);
    var said = Child.run(arguments, ASK_LIMIT);
    return said.failed() ? List.of() : Deb.parse(said.lines());
  }

  /** Downloads packages, verified against the signed index, into the folder. */
  void download(List<Deb> packages, Path into, Consumer<String> onLine) {
    var arguments = new ArrayList<>(aptGet("download"));
    packages.forEach(one -> arguments.add(one.name() + "=" + one.version()));
    Child.run(arguments, into, DOWNLOAD_LIMIT, onLine)
        .orFail("see whether the mirror can be reached and its disk has room, then try again");
  }

  private List<String> aptGet(String command) {
    return List.of("apt-get", "--config-file=" + configuration, "--quiet", "--yes", command);
  }

  /**
   * A package at a version, as {@code apt-get --simulate install} prints it.
   *
   * @param name with the architecture left out
   */
  record Deb(String name, String version) {
    /** Reads the lines like {@code Inst libpq5 (18.6-3 Debian:testing [amd64]) []}. */
    static List<Deb> parse(List<String> lines) {
      return lines.stream()
          .filter(line -> line.startsWith("Inst "))
          .map(line -> line.split(" "))
          .map(part -> new Deb(part[1].split(":")[0], part[2].substring(1)))
          .toList();
    }
  }

  private void write(Optional<Path> keyring) {
    try {
      for (var name :
          List.of("sources", "none", "log", "lists/partial", "cache/archives/partial", "state")) {
        Files.createDirectories(folder.resolve(name));
      }
      Files.writeString(folder.resolve("state/status"), "");
      Files.writeString(folder.resolve("sources/upshift.sources"), sources(keyring));
      Files.writeString(configuration, configurationText());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write apt's configuration in " + folder, e);
    }
  }

  private String sources(Optional<Path> keyring) {
    var text =
        """
        Types: deb
        URIs: %s
        Suites: %s
        Components: main
        Architectures: %s
        """
            .formatted(mirror.uri(), suite, mirror.architecture());
    return keyring.map(file -> text + "Signed-By: " + file + "\n").orElse(text);
  }

  /** See apt.conf(5). Hooks of the machine would run as if its own packages were changed. */
  private String configurationText() {
    return """
    #clear APT::Update::Pre-Invoke;
    #clear APT::Update::Post-Invoke;
    #clear APT::Update::Post-Invoke-Success;
    #clear DPkg::Pre-Invoke;
    #clear DPkg::Post-Invoke;
    #clear DPkg::Pre-Install-Pkgs;
    #clear APT::Default-Release;
    Dir::Etc::sourcelist "/dev/null";
    Dir::Etc::sourceparts "@/sources";
    Dir::Etc::preferences "/dev/null";
    Dir::Etc::preferencesparts "@/none";
    Dir::State "@/state";
    Dir::State::lists "@/lists";
    Dir::State::status "@/state/status";
    Dir::Cache "@/cache";
    Dir::Cache::archives "archives";
    Dir::Cache::pkgcache "pkgcache.bin";
    Dir::Cache::srcpkgcache "";
    Acquire::GzipIndexes "false";
    Dir::Log "@/log";
    APT::Install-Recommends "false";
    APT::Install-Suggests "false";
    APT::Get::AllowUnauthenticated "false";
    Acquire::AllowInsecureRepositories "false";
    Acquire::AllowWeakRepositories "false";
    APT::Update::Error-Mode "any";
    Acquire::Languages "none";
    Acquire::Retries "2";
    """
        .replace("@", folder.toString());
  }
}
