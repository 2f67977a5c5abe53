package dev.upshift.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ResidentsTest {
  /** A program that becomes itself, over and over, and rests then. */
  private static final String AGAIN =
      "n=$1; [ $n -gt 0 ] && exec sh -c \"$0\" \"$0\" $((n - 1)) || exec sleep 1000";

  @Test
  void shouldSeeAProcessWhileItBecomesAnotherProgram() throws Exception {
    var process = new ProcessBuilder("sh", "-c", AGAIN, AGAIN, "300").start();
    try {
      List<String> words;
      do {
        words = Residents.words(process.pid());
        assertThat(words).isNotEmpty();
      } while (!words.getFirst().equals("sleep"));
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(Residents.words(process.pid())).isEmpty();
  }
}
