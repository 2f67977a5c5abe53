package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Fetches programs from Debian's suites without root: download, unpack, and tie the programs to the
 * libraries that came with them.
 */
final class Packages {
  // Part of a folder's name: raise it when what is done to a tree changes, so that trees made the
  // old way are not used.
  private static final String FORM = "1";
  private static final Duration UNPACK_LIMIT = Duration.ofMinutes(5);

  private final Cache cache;
  private final Progress progress;

  Packages(Cache cache, Progress progress) {
    this.cache = cache;
    this.progress = progress;
  }

  /** The folder of the recipe's programs, if it was fetched before. */
  Optional<Path> find(Recipe recipe) {
    return cache.find(folder(recipe)).map(tree -> tree.resolve(recipe.programs()));
  }

  /**
   * The folder of the recipe's programs; fetches it when it is not in the cache.
   *
   * @throws WorldError when this machine has no apt, the mirror cannot be reached or no suite has
   *     it
   */
  Path fetch(Recipe recipe) {
    var tree = cache.findOrFill(folder(recipe), half -> fill(recipe, half));
    return tree.resolve(recipe.programs());
  }

  private static String folder(Recipe recipe) {
    return recipe.name() + "." + FORM;
  }

  private void fill(Recipe recipe, Path tree) {
    var work = tree.resolve("fetch");
    var found = new Archive(mirror(), makeFolder(work.resolve("apt")), progress).look(recipe);
    var debs = makeFolder(work.resolve("debs"));
    download(recipe, found, debs);
    unpack(recipe, debs, tree);
    writeOrigin(recipe, found, tree);
    Cache.delete(work);
    new Tree(tree, cache.place(folder(recipe)), recipe).tie();
  }

  private void download(Recipe recipe, Archive.Found found, Path debs) {
    long total = found.packages().size();
    var done = new long[1];
    var what = "downloading " + recipe.name() + " from " + found.apt().suite();
    progress.at(what, 0, total);
    found
        .apt()
        .download(
            found.packages(),
            debs,
            line -> {
              if (line.startsWith("Get:")) {
                progress.at(what, Math.min(total, ++done[0]), total);
              }
            });
  }

  private void unpack(Recipe recipe, Path debs, Path tree) {
    try (var files = Files.list(debs)) {
      var archives = files.sorted().toList();
      for (int i = 0; i < archives.size(); i++) {
        progress.at("unpacking " + recipe.name(), i, archives.size());
        var deb = archives.get(i).toString();
        Child.run(List.of("dpkg-deb", "--extract", deb, tree.toString()), UNPACK_LIMIT)
            .orFail("see whether the disk is full, then try again");
      }
      progress.at("unpacking " + recipe.name(), archives.size(), archives.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For people: where everything in the tree is from. */
  private void writeOrigin(Recipe recipe, Archive.Found found, Path tree) {
    var text = new StringBuilder();
    text.append(recipe.name()).append(" from Debian ").append(found.apt().suite()).append('\n');
    found.packages().forEach(one -> text.append(one.name() + " " + one.version() + "\n"));
    try {
      Files.writeString(tree.resolve("ORIGIN"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Mirror mirror() {
    for (var program : List.of("/usr/bin/apt-get", "/usr/bin/dpkg-deb")) {
      if (!Files.isExecutable(Path.of(program))) {
        throw new WorldError(
            "this machine",
            "there is no " + program + ", so nothing can be fetched from Debian",
            "install the programs yourself: see the hint of what was asked for");
      }
    }
    var asked = List.of("apt-get", "indextargets", "--no-release-info", "--format", Mirror.FORMAT);
    return Mirror.parse(
        Child.run(asked, Duration.ofMinutes(1)).orFail("mend apt's configuration").lines());
  }

  static Path makeFolder(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
