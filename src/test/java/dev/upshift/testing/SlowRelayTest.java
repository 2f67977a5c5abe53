package dev.upshift.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SlowRelayTest {
  private static final Duration EACH_WAY = Duration.ofMillis(80);
  private static final int LIMIT_MILLIS = 20_000;

  /** What somebody does with his end of a connection. */
  private interface Talk<T> {
    T with(Socket socket) throws IOException;
  }

  /** Two ends of a connection through a relay, each in a thread of its own. */
  private static <N, F> void talk(Talk<N> near, Talk<F> far, Expected<N, F> expected)
      throws Exception {
    try (var target = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var relay = SlowRelay.to(address(target), EACH_WAY);
        var socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
      var there =
          CompletableFuture.supplyAsync(() -> {
            try (var accepted = target.accept()) {
              accepted.setSoTimeout(LIMIT_MILLIS);
              return far.with(accepted);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      socket.setSoTimeout(LIMIT_MILLIS);
      var here = near.with(socket);
      expected.look(relay, here, there.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS));
    }
  }

  private interface Expected<N, F> {
    void look(SlowRelay relay, N here, F there) throws Exception;
  }

  private static byte[] bytes(int seed, int length) {
    var bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void shouldBeLateInBothDirections() throws Exception {
    var sent = new AtomicLong();
    talk(
        near -> {
          sent.set(System.nanoTime());
          near.getOutputStream().write('?');
          int answer = near.getInputStream().read();
          var late = Duration.ofNanos(System.nanoTime() - sent.get());
          assertThat(answer).isEqualTo('!');
          return late;
        },
        far -> {
          int question = far.getInputStream().read();
          var late = Duration.ofNanos(System.nanoTime() - sent.get());
          far.getOutputStream().write('!');
          assertThat(question).isEqualTo('?');
          return late;
        },
        (relay, here, there) -> {
          assertThat(there).isGreaterThanOrEqualTo(EACH_WAY);
          assertThat(here).isGreaterThanOrEqualTo(EACH_WAY.multipliedBy(2));
          assertThat(relay.accepted()).isEqualTo(1);
        });
  }

  /** More than may be under way at once; the other end begins when it has seen this one's. */
  @Test
  void shouldDeliverEveryByteInItsOrderAndEndOneDirectionAtATime() throws Exception {
    var forth = bytes(1, 40_000_003);
    var back = bytes(2, 3_000_001);
    talk(
        near -> {
          near.getOutputStream().write(forth);
          near.shutdownOutput();
          return near.getInputStream().readAllBytes();
        },
        far -> {
          var all = far.getInputStream().readAllBytes();
          far.getOutputStream().write(back);
          return all;
        },
        (_, here, there) -> {
          assertThat(Arrays.mismatch(there, forth)).isEqualTo(-1);
          assertThat(Arrays.mismatch(here, back)).isEqualTo(-1);
        });
  }

  @Test
  void shouldEndItsConnectionsAtBothEndsWhenItIsClosed() throws Exception {
    try (var target = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var near = new Socket()) {
      var reached = new CompletableFuture<Integer>();
      var ended = CompletableFuture.supplyAsync(() -> ends(target, reached));
      try (var relay = SlowRelay.to(address(target), EACH_WAY)) {
        near.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.port()), LIMIT_MILLIS);
        near.setSoTimeout(LIMIT_MILLIS);
        near.getOutputStream().write('?');
        assertThat(reached.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS)).isEqualTo('?');
      }
      assertThat(endOf(near)).isTrue();
      assertThat(ended.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    }
  }

  private static boolean ends(ServerSocket target, CompletableFuture<Integer> reached) {
    try (var far = target.accept()) {
      far.setSoTimeout(LIMIT_MILLIS);
      reached.complete(far.getInputStream().read());
      return endOf(far);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InetSocketAddress address(ServerSocket target) {
    return new InetSocketAddress(target.getInetAddress(), target.getLocalPort());
  }

  private static boolean endOf(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true; // reset
    }
  }
}
