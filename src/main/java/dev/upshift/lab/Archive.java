package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The suites of a mirror, asked one after the other until one has what is looked for.
 *
 * <p>A machine's keyring may be older than a suite, and know none of its keys. Then the newer
 * keyring is taken from the package debian-archive-keyring of a suite that the machine does trust:
 * Debian signs a suite with the keys of the release before as well, so trust is handed on from
 * release to release as an upgrade of the machine would, and no signature is ever skipped.
 */
final class Archive {
  /** Where it was found, and what of it is unpacked. */
  record Found(Apt apt, List<Apt.Deb> packages) {}

  private static final Recipe KEYRING =
      new Recipe(
          "debian-archive-keyring",
          List.of("debian-archive-keyring"),
          Suites.NEWEST_FIRST,
          "usr/share/keyrings",
          Set.of());

  private final Mirror mirror;
  private final Path folder;
  private final Progress progress;
  private final List<String> looked = new ArrayList<>();
  private Optional<Path> keyring;
  private int folders;

  Archive(Mirror mirror, Path folder, Progress progress) {
    this(mirror, folder, progress, Mirror.machineKeyring());
  }

  Archive(Mirror mirror, Path folder, Progress progress, Optional<Path> keyring) {
    this.mirror = mirror;
    this.folder = folder;
    this.progress = progress;
    this.keyring = keyring;
  }

  /**
   * The first of the recipe's suites that has its packages.
   *
   * @throws WorldError that says where it looked when there is none
   */
  Found look(Recipe recipe) {
    for (var suite : Suites.named(recipe.suites(), mirror.suite())) {
      progress.at("looking for " + recipe.name() + " in " + suite, 0, 1);
      var found = open(suite).flatMap(apt -> find(recipe, apt));
      if (found.isPresent()) {
        return found.get();
      }
    }
    throw new WorldError(
        "this machine",
        "%s could not be had from %s; looked at %s"
            .formatted(recipe.name(), mirror.uri(), String.join("; ", looked)),
        "see whether the mirror can be reached ('apt-get update'), or install it yourself");
  }

  private Optional<Found> find(Recipe recipe, Apt apt) {
    var closure = apt.closure(recipe.withPatchelf());
    var wanted = closure.stream().filter(one -> recipe.unpacks(one.name())).toList();
    if (wanted.isEmpty()) {
      looked.add(apt.suite() + ": does not have it");
      return Optional.empty();
    }
    return Optional.of(new Found(apt, wanted));
  }

  /** The suite with its index read, with a newer keyring if the present one does not know it. */
  private Optional<Apt> open(String suite) {
    for (int tries = 0; ; tries++) {
      var apt = apt(suite);
      var said = apt.update();
      if (!said.failed()) {
        return Optional.of(apt);
      }
      boolean unknownKey = isUnknownKey(said);
      if (!unknownKey || tries > Suites.NEWEST_FIRST.size() || !renewKeyring()) {
        looked.add(suite + ": " + said.tail());
        return Optional.empty();
      }
    }
  }

  /** apt says NO_PUBKEY where it verifies by gpgv, and names a missing key where by sqv. */
  private static boolean isUnknownKey(Child.Ended said) {
    return said.lines().stream()
        .anyMatch(line -> line.contains("NO_PUBKEY") || line.contains("Missing key"));
  }

  /** Whether a keyring other than the present one was had from the newest suite that verifies. */
  private boolean renewKeyring() {
    for (var suite : KEYRING.suites()) {
      var apt = apt(suite);
      if (apt.update().failed()) {
        continue;
      }
      var newer = extractKeyring(apt);
      if (newer.isPresent() && keyring.map(old -> !sameBytes(old, newer.get())).orElse(true)) {
        keyring = newer;
        return true;
      }
    }
    return false;
  }

  private Optional<Path> extractKeyring(Apt apt) {
    var found = find(KEYRING, apt);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var into = Packages.makeFolder(folder.resolve("keyring" + folders++));
    apt.download(found.get().packages(), into, _ -> {});
    try (var files = Files.list(into)) {
      for (var deb : files.toList()) {
        Child.run(
                List.of("dpkg-deb", "--extract", deb.toString(), into.toString()),
                Duration.ofMinutes(1))
            .orFail("");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var keyrings = into.resolve(KEYRING.programs());
    return List.of("debian-archive-keyring.pgp", "debian-archive-keyring.gpg").stream()
        .map(keyrings::resolve)
        .filter(Files::isReadable)
        .findFirst();
  }

  private static boolean sameBytes(Path one, Path other) {
    try {
      return Files.mismatch(one, other) < 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Apt apt(String suite) {
    var own = Packages.makeFolder(folder.resolve(suite + folders++));
    return new Apt(own, mirror, suite, keyring);
  }
}
