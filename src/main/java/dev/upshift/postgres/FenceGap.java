package dev.upshift.postgres;

import dev.upshift.time.Deadline;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;

/**
 * A gap in a fenced server's fence, for the time of a try: who comes from some addresses is met by
 * the lines that will count for everybody later. Nothing else keeps him from working there, so it
 * is for addresses from which nobody is led there yet.
 */
public final class FenceGap implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final PgServer server;

  private FenceGap(PgServer server) {
    this.server = server;
  }

  /** Opens one; {@link #close} closes it. A server without a fence is left alone. */
  public static FenceGap open(PgServer server, Collection<InetAddress> addresses) {
    var gap = new FenceGap(server);
    var before = server.hba().withoutGap(NewCluster.FENCE);
    gap.write(before.withGap(NewCluster.FENCE, addresses));
    return gap;
  }

  /** Closes what a try has left open that was killed. */
  public static void closeLeft(PgServer server) {
    new FenceGap(server).close();
  }

  @Override
  public void close() {
    write(server.hba().withoutGap(NewCluster.FENCE));
  }

  private void write(HbaFile hba) {
    if (!hba.equals(server.hba())) {
      server.writeHba(hba);
      if (server.isRunning()) {
        server.reload(Deadline.in(LIMIT));
      }
    }
  }
}
