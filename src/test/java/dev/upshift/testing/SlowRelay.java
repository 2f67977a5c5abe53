package dev.upshift.testing;

import dev.upshift.time.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * As far away as you like: what is sent to its port reaches the target late, and what comes back is
 * late, too. The order stays, and the end of one direction is passed on while the other goes on.
 * Much may be under way at once; only who connects is let in at once.
 */
public final class SlowRelay implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final int PIECE_BYTES = 1 << 16;

  /** What may be under way in one direction: 16 MB, more than a network of that kind holds. */
  private static final int MOST_PIECES = 256;

  private final ServerSocket listening;
  private final InetSocketAddress target;
  private final Duration eachWay;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();

  private SlowRelay(ServerSocket listening, InetSocketAddress target, Duration eachWay) {
    this.listening = listening;
    this.target = target;
    this.eachWay = eachWay;
  }

  /** A relay to there, on a free port of the loopback. */
  public static SlowRelay to(InetSocketAddress target, Duration eachWay) throws IOException {
    var listening = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    var relay = new SlowRelay(listening, target, eachWay);
    Thread.ofVirtual().start(relay::accept);
    return relay;
  }

  /** Where it listens. */
  public int port() {
    return listening.getLocalPort();
  }

  /** How many connections there have been. */
  public int accepted() {
    return accepted.get();
  }

  private void accept() {
    try {
      while (true) {
        var near = listening.accept();
        accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> join(near));
      }
    } catch (IOException e) {
      open.forEach(Connection::close); // we were closed
    }
  }

  private void join(Socket near) {
    var connection = new Connection(near, new Socket());
    open.add(connection);
    try {
      connection.begin();
    } catch (IOException e) {
      connection.close();
    }
    if (listening.isClosed()) {
      connection.close(); // whoever closed us may not have seen it
    }
  }

  /** Bytes and when they are due; none of them at the end. */
  private record Piece(ByteBuffer bytes, long dueNanos) {}

  private final class Connection {
    private final Socket near;
    private final Socket far;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final AtomicInteger ended = new AtomicInteger();

    private Connection(Socket near, Socket far) {
      this.near = near;
      this.far = far;
    }

    private void begin() throws IOException {
      far.connect(target, (int) CONNECT_LIMIT.toMillis());
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      pass(near, far);
      pass(far, near);
    }

    private void pass(Socket from, Socket to) {
      var under = new ArrayBlockingQueue<Piece>(MOST_PIECES);
      start(() -> take(from, under));
      start(() -> deliver(under, to));
    }

    private interface Work {
      void run() throws IOException, InterruptedException;
    }

    private void start(Work work) {
      var thread =
          Thread.ofVirtual()
              .unstarted(() -> {
                try {
                  work.run();
                } catch (IOException | InterruptedException | Clock.Interrupted e) {
                  close(); // one of the two ends is gone: so is the other
                }
              });
      threads.add(thread);
      thread.start();
    }

    private void take(Socket from, BlockingQueue<Piece> under)
        throws IOException, InterruptedException {
      int read;
      do {
        var buffer = new byte[PIECE_BYTES];
        read = from.getInputStream().read(buffer);
        under.put(
            new Piece(
                ByteBuffer.wrap(buffer, 0, Math.max(0, read)),
                Clock.system().nanos() + eachWay.toNanos()));
      } while (read > 0);
    }

    private void deliver(BlockingQueue<Piece> under, Socket to)
        throws IOException, InterruptedException {
      while (true) {
        var piece = under.take();
        var left = piece.dueNanos() - Clock.system().nanos();
        if (left > 0) {
          Clock.system().sleep(Duration.ofNanos(left));
        }
        if (!piece.bytes().hasRemaining()) {
          break;
        }
        to.getOutputStream().write(piece.bytes().array(), 0, piece.bytes().remaining());
      }
      to.shutdownOutput();
      if (ended.incrementAndGet() == 2) {
        close();
      }
    }

    private void close() {
      open.remove(this);
      closeQuietly(near);
      closeQuietly(far);
      threads.forEach(Thread::interrupt);
    }

    private static void closeQuietly(Socket socket) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is of no use to anybody any more.
      }
    }
  }

  /** Ends every connection and lets in no other. */
  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException e) {
      // Nobody listens any more.
    }
    open.forEach(Connection::close);
  }
}
