package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.WorldError;
import java.util.List;
import org.junit.jupiter.api.Test;

class MirrorTest {

  @Test
  void shouldTakeTheFirstDebianSuiteAndNotItsUpdatesOrAnotherArchive() {
    var mirror =
        Mirror.parse(
            List.of(
                "Packages|main|nodistro|amd64|https://node.example/",
                "Packages|main|bookworm-security|amd64|http://one.example/debian-security/",
                "Packages|contrib|bookworm|amd64|http://two.example/debian/",
                "Translations|main|bookworm||http://two.example/debian/",
                "Packages|main|bookworm|arm64|http://two.example/debian/",
                "Packages|main|trixie|amd64|http://three.example/debian/"));

    assertThat(mirror).isEqualTo(new Mirror("http://two.example/debian/", "bookworm", "arm64"));
  }

  @Test
  void shouldSayThatAnotherDistributionNamesNoDebianMirror() {
    var ubuntu = List.of("Packages|main|noble|amd64|http://archive.example/ubuntu/", "", "junk");

    assertThatThrownBy(() -> Mirror.parse(ubuntu))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("no Debian mirror");
  }
}
