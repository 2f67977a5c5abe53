package dev.upshift.probe;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes sockets whose reading side a {@link ReplyWatch} sees. Public only because pgjdbc makes it
 * by its name, with the connection parameter {@code socketFactoryArg}, on a thread of its own.
 */
public final class WatchedSockets extends SocketFactory {
  private static final Map<String, ReplyWatch> WATCHES = new ConcurrentHashMap<>();
  private static final AtomicLong NUMBER = new AtomicLong();

  private final ReplyWatch watch;

  /** For pgjdbc: sockets of the connection that was registered under this id. */
  public WatchedSockets(String id) {
    ReplyWatch registered = WATCHES.get(id);
    // A login that timed out goes on for a while on its own thread, watched by nobody.
    this.watch = registered == null ? new ReplyWatch() : registered;
  }

  /** Registers a watch for a connection about to be opened; the id is given to pgjdbc. */
  static String register(ReplyWatch watch) {
    String id = Long.toString(NUMBER.incrementAndGet());
    WATCHES.put(id, watch);
    return id;
  }

  static void forget(String id) {
    WATCHES.remove(id);
  }

  @Override
  public Socket createSocket() {
    return new WatchedSocket(watch);
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw unused();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort) {
    throw unused();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw unused();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
    throw unused();
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("pgjdbc connects its sockets itself");
  }

  private static final class WatchedSocket extends Socket {
    private final ReplyWatch watch;
    private @Nullable InputStream watched;

    WatchedSocket(ReplyWatch watch) {
      this.watch = watch;
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
      InputStream stream = watched;
      if (stream == null) {
        stream = new WatchedInput(super.getInputStream(), watch);
        watched = stream;
      }
      return stream;
    }
  }

  private static final class WatchedInput extends FilterInputStream {
    private final ReplyWatch watch;

    WatchedInput(InputStream in, ReplyWatch watch) {
      super(in);
      this.watch = watch;
    }

    @Override
    public int read() throws IOException {
      int c = in.read();
      if (c >= 0) {
        watch.saw(new byte[] {(byte) c}, 0, 1);
      }
      return c;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
      int got = in.read(bytes, offset, count);
      if (got > 0) {
        watch.saw(bytes, offset, got);
      }
      return got;
    }
  }
}
