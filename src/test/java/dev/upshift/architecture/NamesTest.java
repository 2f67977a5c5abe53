package dev.upshift.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Names that say nothing are not used; every package says what it is for. */
class NamesTest {
  private static final Pattern SAYS_NOTHING =
      Pattern.compile(
          "\\b(?:class|record|interface|enum) (\\w*(?:Manager|Helper|Util|Utils|Impl|Base|Context|Data|Info))\\b");

  /** A step is named by what it does: it verifies the data. */
  private static final Set<String> EXCEPTIONS = Set.of("VerifyData");

  @Test
  void shouldGiveNoTypeANameThatSaysNothing() throws IOException {
    for (var file : Sources.all()) {
      var found = SAYS_NOTHING.matcher(Sources.withoutComments(Files.readString(file)));
      assertThat(
              found
                  .results()
                  .map(match -> match.group(1))
                  .filter(name -> !EXCEPTIONS.contains(name))
                  .toList())
          .as(file.toString())
          .isEmpty();
    }
  }

  @Test
  void shouldSayOfEachPackageWhatItIsFor() throws IOException {
    List<Path> folders =
        Sources.main().stream()
            .map(file -> file.resolveSibling("package-info.java"))
            .distinct()
            .toList();
    for (var file : folders) {
      assertThat(file).exists();
      assertThat(Files.readString(file))
          .as(file.toString())
          .startsWith("/**")
          .contains("@NullMarked");
    }
  }

  @Test
  void shouldTellOfEveryStepInThePlan() throws IOException {
    var story = new StringBuilder();
    for (var plan : List.of("UpgradePlan", "QuietSwitch", "SwitchBackPlan", "FinishPlan")) {
      story.append(
          Files.readString(Path.of("src/main/java/dev/upshift/upgrade/" + plan + ".java")));
    }
    for (var file : Sources.main()) {
      var source = Files.readString(file);
      if (source.contains("package dev.upshift.upgrade.steps;")
          && Pattern.compile("implements (?:Reversible|Forward)<").matcher(source).find()) {
        var name = file.getFileName().toString().replace(".java", "");
        assertThat(story.toString()).as(file.toString()).contains("new " + name + "(");
      }
    }
  }
}
