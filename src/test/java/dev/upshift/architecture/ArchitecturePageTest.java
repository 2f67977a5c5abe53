package dev.upshift.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A map that is written by hand rots: every link on ARCHITECTURE.md leads somewhere. */
class ArchitecturePageTest {
  private static final Path PAGE = Path.of("ARCHITECTURE.md");

  /** {@code [text](path)} or {@code [text](path#anchor)}. */
  private static final Pattern LINK = Pattern.compile("\\[([^\\]]+)\\]\\(([^)#]*)(?:#([^)]+))?\\)");

  /** After a link, in the same cell: names in backquotes that the file must hold. */
  private static final Pattern SYMBOLS = Pattern.compile("\\]\\(([^)#]+)\\)((?: `[^`]+`,?)+)");

  @Test
  void shouldLinkOnlyToWhatExists() throws IOException {
    var missing = new TreeSet<String>();
    var links = LINK.matcher(Files.readString(PAGE)).results().toList();
    assertThat(links).hasSizeGreaterThan(30);
    for (var link : links) {
      var file = link.group(2).isEmpty() ? PAGE : Path.of(link.group(2));
      if (!Files.exists(file)) {
        missing.add(link.group());
      } else if (link.group(3) != null && !anchors(file).contains(link.group(3))) {
        missing.add(link.group());
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void shouldNameOnlySymbolsThatStandInTheFile() throws IOException {
    var missing = new TreeSet<String>();
    int named = 0;
    for (var link : SYMBOLS.matcher(Files.readString(PAGE)).results().toList()) {
      var text = Files.readString(Path.of(link.group(1)));
      for (var symbol : link.group(2).strip().split(",? ?`,? ?")) {
        named += symbol.isBlank() ? 0 : 1;
        if (!text.contains(symbol)) {
          missing.add(link.group(1) + ": " + symbol);
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(named).isGreaterThan(10);
  }

  @Test
  void shouldFitOnOnePage() throws IOException {
    assertThat(Files.readAllLines(PAGE)).hasSizeLessThan(130);
  }

  /** Every package of the code is on the map. */
  @Test
  void shouldShowEveryPackage() throws IOException {
    var page = Files.readString(PAGE);
    for (var file : Sources.main()) {
      var folder = Path.of("src/main/java/dev/upshift").relativize(file).getParent();
      assertThat(page).contains("`" + (folder == null ? "Main" : folder.getName(0)) + "`");
    }
  }

  private static java.util.Set<String> anchors(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(line -> line.replaceAll("[^a-z0-9 -]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }
}
