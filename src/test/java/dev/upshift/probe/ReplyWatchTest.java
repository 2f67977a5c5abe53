package dev.upshift.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class ReplyWatchTest {
  private final ReplyWatch watch = new ReplyWatch();

  private static byte[] messages(String types) {
    var out = new ByteArrayOutputStream();
    for (int i = 0; i < types.length(); i++) {
      char type = types.charAt(i);
      int body = type == '1' || type == 'N' ? 0 : 300;
      out.writeBytes(ByteBuffer.allocate(5 + body).put((byte) type).putInt(4 + body).array());
    }
    return out.toByteArray();
  }

  private boolean repliedAfter(String types, int chunk) {
    watch.mark();
    byte[] bytes = messages(types);
    for (int at = 0; at < bytes.length; at += chunk) {
      watch.saw(bytes, at, Math.min(chunk, bytes.length - at));
    }
    return watch.replied();
  }

  @Test
  void shouldTellLastWordsFromAnAnswerHoweverTheyArrive() {
    for (int chunk : new int[] {1, 2, 3, 5, 7, 299, 10_000}) {
      assertThat(repliedAfter("", chunk)).isFalse();
      assertThat(repliedAfter("E", chunk)).isFalse();
      assertThat(repliedAfter("SNAE", chunk)).isFalse();
      assertThat(repliedAfter("1E", chunk)).isTrue();
      assertThat(repliedAfter("NSE1", chunk)).isTrue();
    }
  }

  @Test
  void shouldTakeWhatItCannotReadForAnAnswer() {
    assertThat(watch.replied()).isTrue();
    watch.mark();
    watch.saw(new byte[] {0x17, 3, 3, 0, 20}, 0, 5);
    assertThat(watch.replied()).isTrue();
  }
}
