package dev.upshift.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes through ssh arrives as it was, and only where it belongs. */
@Tag("real")
class SshBytesTest {
  private static final int COMMANDS = 125;
  private static final int VALUES = 800;

  private static SshMachine machine;
  private SshHost host;
  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException {
    machine = SshMachine.start();
  }

  @BeforeEach
  void takeHost() {
    host = machine.host("db1", Witness.NONE);
  }

  @AfterAll
  static void end() throws IOException {
    machine.close();
  }

  /** 100,000 values. */
  @Test
  void shouldHandOverArgumentsAndInputByteForByte() {
    var random = new Random(20_261_123);
    for (int i = 0; i < COMMANDS; i++) {
      var values = new ArrayList<String>();
      for (int n = 0; n < VALUES; n++) {
        values.add(value(random));
      }
      var command = Command.of("printf", "%s\\0").with(values.toArray());
      assertThat(host.ask(command).out())
          .isEqualTo(values.stream().map(value -> value + "\0").collect(Collectors.joining()));
      var input = String.join("\0", values);
      assertThat(host.ask(Command.of("cat").reading(input)).out()).isEqualTo(input);
    }
  }

  /** Every byte but NUL, and what shells and our frame could take for something of theirs. */
  private static String value(Random random) {
    var tricky =
        List.of(
            "'",
            "\"",
            "\\",
            "$(id)",
            "`id`",
            "\n",
            "\r\n",
            "EOF",
            "%s",
            "-n",
            "--",
            "*",
            " ",
            "\\0",
            "clean",
            "}",
            "\u4e2d",
            "\ud83d\ude00",
            "\u0081",
            "\u0001",
            "\u007f",
            "!",
            "#");
    var value = new StringBuilder();
    for (int n = random.nextInt(5); n > 0; n--) {
      switch (random.nextInt(3)) {
        case 0 -> value.append(tricky.get(random.nextInt(tricky.size())));
        case 1 -> value.append((char) (1 + random.nextInt(255)));
        default -> value.appendCodePoint(0x20 + random.nextInt(0xd000));
      }
    }
    return value.toString();
  }

  @Test
  void shouldHandOverLongArgumentsInputsAndOutputs() {
    var all = new StringBuilder();
    for (int i = 0; i < 65_536; i++) {
      all.append((char) (1 + i % 255));
    }
    var argument = all.substring(0, 40_000);
    assertThat(host.ask(Command.of("printf", "%s", argument)).out()).isEqualTo(argument);
    assertThat(host.ask(Command.of("cat").reading(all.toString())).out()).hasToString(all + "");
    var output = host.ask(Command.of("sh", "-c", "head -c 20000000 /dev/zero; echo e >&2"));
    assertThat(output.out()).hasSize(20_000_000);
    assertThat(output.err()).isEqualTo("e\n");
  }

  @Test
  void shouldNotTakeWhatLooksLikeAnAnswersEndForIt() {
    var looks = "0123456789abcdef0123456789abcdef 0\n0123456789abcdef0123456789abcdef clean";
    var output = host.ask(Command.of("sh", "-c", "cat; cat /proc/$PPID/cmdline").reading(looks));
    assertThat(output.out()).startsWith(looks);
    assertThat(host.ask(Command.of("printf", "")).out()).isEmpty();
  }

  @Test
  void shouldReadEveryByteOfAFile() throws IOException {
    var bytes = new byte[1_000_000];
    new Random(3).nextBytes(bytes);
    var file = Files.write(folder.resolve("f"), bytes);
    assertThat(host.read(file).orElseThrow()).isEqualTo(bytes);
    assertThat(host.ask(Command.of("cat", file)).out()).isEqualTo(new String(bytes, UTF_8));
  }

  @Test
  void shouldShowNoSecretInAnyProcess() throws Exception {
    var secret = "canary-" + Long.toHexString(new Random().nextLong());
    var found = new ConcurrentSkipListSet<String>();
    var running = new AtomicBoolean(true);
    var looker =
        Thread.ofPlatform()
            .start(() -> {
              while (running.get()) {
                found.addAll(processesWith(secret));
              }
            });
    for (int i = 0; i < 25; i++) {
      host.ask(Command.of("sh", "-c", "sleep 0.02; cat >/dev/null").reading(secret));
      host.replaceSecret(folder.resolve("passfile"), secret + i);
      host.as("nobody").ask(Command.of("cat").reading(secret));
    }
    running.set(false);
    looker.join();
    assertThat(found).isEmpty();
    assertThat(folder.resolve("passfile")).hasContent(secret + 24);
    // The looker would have seen it.
    var open = new ProcessBuilder("sleep", "20").start();
    try {
      assertThat(processesWith("sleep\0" + "20")).isNotEmpty();
    } finally {
      open.destroyForcibly();
    }
  }

  private static Set<String> processesWith(String text) {
    var found = new TreeSet<String>();
    for (var process : ProcessHandle.allProcesses().toList()) {
      for (var file : List.of("cmdline", "environ")) {
        try {
          var path = Path.of("/proc", Long.toString(process.pid()), file);
          if (new String(Files.readAllBytes(path), ISO_8859_1).contains(text)) {
            found.add(path.toString());
          }
        } catch (IOException e) {
          // It has ended.
        }
      }
    }
    return found;
  }
}
