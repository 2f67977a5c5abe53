package dev.upshift.lab;

import dev.upshift.failure.WorldError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The Debian mirror that this machine's own apt uses.
 *
 * @param uri as apt writes it
 * @param suite the suite the machine itself takes from there
 * @param architecture the machine's, in dpkg's words
 */
record Mirror(String uri, String suite, String architecture) {
  /** What apt is asked to print for each index it knows; see apt-get(8), indextargets. */
  static final String FORMAT = "$(IDENTIFIER)|$(COMPONENT)|$(RELEASE)|$(ARCHITECTURE)|$(REPO_URI)";

  private static final List<Path> KEYRINGS =
      List.of(
          Path.of("/usr/share/keyrings/debian-archive-keyring.pgp"),
          Path.of("/usr/share/keyrings/debian-archive-keyring.gpg"));

  /**
   * Picks the mirror: the first whose main component is taken from one of Debian's suites.
   *
   * @param targets lines in the form of {@link #FORMAT}
   * @throws WorldError when there is none
   */
  static Mirror parse(List<String> targets) {
    return targets.stream()
        .map(line -> line.split("\\|", -1))
        .filter(field -> field.length == 5)
        .filter(field -> field[0].equals("Packages") && field[1].equals("main"))
        .filter(field -> Suites.isSuite(field[2]) && !field[4].isBlank())
        .map(field -> new Mirror(field[4], field[2], field[3]))
        .findFirst()
        .orElseThrow(() ->
            new WorldError(
                "this machine",
                "apt's sources name no Debian mirror (looked for component main of a Debian"
                    + " suite in 'apt-get indextargets')",
                "add one of Debian's mirrors to /etc/apt/sources.list.d, or install what is"
                    + " missing yourself"));
  }

  /** The keyring that Debian's own package put on this machine, if it did. */
  static Optional<Path> machineKeyring() {
    return KEYRINGS.stream().filter(Files::isReadable).findFirst();
  }
}
