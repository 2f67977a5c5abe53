package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upshift.failure.InputError;
import dev.upshift.failure.WorldError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders and addresses of labs. */
class LabPlacesTest {
  @TempDir private Path folder;

  @Test
  void shouldComplainWhenUnixSocketsWouldNotFit() {
    // The balancer's socket, at most 90 bytes: /lb1/admin.sock is 15 of them.
    assertThatCode(() -> new LabFolder(Path.of("/" + "a".repeat(74))).checkLength())
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> new LabFolder(Path.of("/" + "a".repeat(75))).checkLength())
        .isInstanceOf(InputError.class)
        .hasMessageContaining("too long")
        .satisfies(e -> assertThat(((InputError) e).hint()).contains("at most 75 characters"));
  }

  @Test
  void shouldComplainAboutACharacterThatWouldNeedQuotes() {
    for (var path : new String[] {"/tmp/a b", "/tmp/it's", "/tmp/a\"b", "/tmp/größe", "/tmp/{x}"}) {
      assertThatThrownBy(() -> new LabFolder(Path.of(path))).isInstanceOf(InputError.class);
    }
  }

  @Test
  void shouldPutTheLabWhereStateBelongs() {
    assertThat(Lab.usualDir(Map.of("HOME", "/root"), "root")).hasToString("/var/lib/upshift/lab");
    assertThat(Lab.usualDir(Map.of("HOME", "/home/ann"), "ann"))
        .hasToString("/home/ann/.local/state/upshift/lab");
    assertThat(Lab.usualDir(Map.of("HOME", "/h", "XDG_STATE_HOME", "/s"), "ann"))
        .hasToString("/s/upshift/lab");
  }

  @Test
  void shouldGiveTwoLabsDifferentAddresses() {
    try (var one = Addresses.reserve(LabOptions.Place.any());
        var two = Addresses.reserve(LabOptions.Place.any())) {
      assertThat(two.addresses().network()).isNotEqualTo(one.addresses().network());
      assertThat(two.addresses().database("db1")).isNotEqualTo(one.addresses().database("db1"));
    }
  }

  @Test
  void shouldComplainWhenTheScaleIsImpossible() {
    var options = LabOptions.usual().withDir(folder.resolve("lab")).withScale(0);
    assertThatThrownBy(() -> Lab.up(options, Progress.silent()))
        .isInstanceOf(InputError.class)
        .hasMessageContaining("scale of 0");
  }

  @Test
  void shouldComplainWhenTheDiskIsTooSmall() {
    assertThatCode(() -> LabMaking.checkSpace(folder, 1000, 4_000_000_000L))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> LabMaking.checkSpace(folder, 1000, 3_000_000_000L))
        .isInstanceOf(WorldError.class)
        .hasMessageContaining("need about 3.7 GB")
        .hasMessageContaining("has 3.0 GB free");
  }

  @Test
  void shouldSayWhenTheLabsOwnFileIsDamaged() throws Exception {
    Files.writeString(folder.resolve("lab.properties"), "from=17\nfrom.bin=/x\nport=many\n");
    assertThatThrownBy(() -> Lab.at(folder))
        .isInstanceOf(InputError.class)
        .hasMessageContaining("no usable line");
  }
}
