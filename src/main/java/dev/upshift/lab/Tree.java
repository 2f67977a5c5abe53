package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Unpacked packages that are tied together: each program is started by the loader of the tree and
 * takes its libraries from the tree, so that neither the machine's libc nor its libraries matter.
 *
 * <p>The path is written as DT_RPATH, not DT_RUNPATH: only the former holds for what a program's
 * libraries and the extensions it loads need in turn (ld.so(8)). Loaders have to be named by an
 * absolute path, so a tree works only in the place it was made for.
 */
final class Tree {
  private static final String PATCHELF = "usr/bin/patchelf";
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private final Path root;
  private final Path place;
  private final Recipe recipe;

  /**
   * @param root where it lies now
   * @param place where it will lie when it is used
   */
  Tree(Path root, Path place, Recipe recipe) {
    this.root = root;
    this.place = place;
    this.recipe = recipe;
  }

  /** Removes what no program needs, ties the programs, and proves that nothing is missing. */
  void tie() {
    trim();
    var bin = root.resolve(recipe.programs());
    // patchelf may lie among them; it cannot change the file that it runs from, and goes anyway.
    var programs =
        list(bin).stream()
            .filter(program -> !program.equals(root.resolve(PATCHELF)) && isElf(program))
            .toList();
    requireAll(bin);
    var loader = place.resolve(root.relativize(loader()));
    var command = new ArrayList<>(patchelf());
    command.addAll(List.of("--force-rpath", "--set-rpath", pathFrom(bin)));
    command.addAll(List.of("--set-interpreter", loader.toString()));
    programs.forEach(program -> command.add(program.toString()));
    Child.run(command, LIMIT).orFail("");
    Cache.delete(root.resolve(PATCHELF));
    programs.forEach(this::requireOwnLibraries);
  }

  /** The suite's own patchelf came along; it cannot be started before it is tied itself. */
  private List<String> patchelf() {
    var path = String.join(":", libraryFolders().stream().map(Path::toString).toList());
    var program = root.resolve(PATCHELF).toString();
    return List.of(loader().toString(), "--library-path", path, program);
  }

  /** Share holds manuals and translations, etc and var what maintainer scripts would work on. */
  private void trim() {
    for (var folder : List.of("etc", "var")) {
      Cache.delete(root.resolve(folder));
    }
    for (var share : list(root.resolve("usr/share"))) {
      if (!share.endsWith("postgresql")) {
        Cache.delete(share);
      }
    }
    var modules = root.resolve(recipe.programs()).resolveSibling("lib");
    for (var module : list(modules)) {
      var name = module.getFileName().toString();
      if (name.startsWith("llvmjit") || name.equals("bitcode")) {
        Cache.delete(module);
      }
    }
  }

  private void requireAll(Path bin) {
    for (var program : recipe.required()) {
      if (!Files.isExecutable(bin.resolve(program))) {
        throw new WorldError(
            "this machine",
            "%s was fetched but %s is not in it".formatted(recipe.name(), program),
            "this is Debian's packaging having changed: install the programs yourself");
      }
    }
  }

  /** The program's libraries, relative to its own folder. */
  private String pathFrom(Path bin) {
    return String.join(
        ":", libraryFolders().stream().map(folder -> "$ORIGIN/" + bin.relativize(folder)).toList());
  }

  /** {@code ld.so --list} prints {@code name => path (address)} or {@code name => not found}. */
  private void requireOwnLibraries(Path program) {
    var listed =
        Child.run(List.of(loader().toString(), "--list", program.toString()), LIMIT)
            .orFail("this is Debian's packaging having changed: install the programs yourself");
    for (var line : listed.lines()) {
      int arrow = line.indexOf(" => ");
      if (arrow >= 0 && !line.startsWith(root.toString(), arrow + 4) && !isLoader(line)) {
        throw new WorldError(
            "this machine",
            "%s of %s takes a library from outside its tree: %s"
                .formatted(program.getFileName(), recipe.name(), line.strip()),
            "this is Debian's packaging having changed: install the programs yourself");
      }
    }
  }

  /** The loader's own line names the place where the tree is not yet. */
  private boolean isLoader(String line) {
    return line.contains(" => " + loader()) || line.contains(place.toString());
  }

  private Path loader() {
    return libraryFolders().stream()
        .flatMap(folder -> list(folder).stream())
        .filter(file -> file.getFileName().toString().matches("ld-linux.*\\.so\\.[0-9]+"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no loader in the tree of " + recipe.name()));
  }

  /** Debian keeps libraries in a folder named after the architecture, before trixie in two. */
  private List<Path> libraryFolders() {
    return Stream.of("lib", "usr/lib")
        .map(root::resolve)
        .filter(Files::isDirectory)
        .flatMap(lib -> list(lib).stream())
        .filter(folder -> folder.getFileName().toString().endsWith("-linux-gnu"))
        .toList();
  }

  private static boolean isElf(Path file) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (var in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(4), new byte[] {0x7f, 'E', 'L', 'F'});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
