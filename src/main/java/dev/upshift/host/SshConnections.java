package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Budget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * All connections of one run to the machines that are reached by ssh: made once for each machine,
 * kept open, and ended together by {@link #close} or with the process. May be used by several
 * threads.
 */
public final class SshConnections implements AutoCloseable {
  /** A server, or a jump host, refuses more logins at a time than ten (MaxStartups). */
  private static final int HANDSHAKES = 8;

  /** The name of a Unix socket has room for 107 bytes. */
  private static final Path PARENT = Path.of("/tmp");

  private final Semaphore handshakes = new Semaphore(HANDSHAKES);
  private final Map<Place, SshConnection> connections = new LinkedHashMap<>();
  private final Thread hook = new Thread(this::endAll, "ssh-end");
  private volatile Optional<Budget> minded = Optional.empty();
  private @Nullable Path folder;

  private record Place(String name, SshReach reach) {}

  /** Nothing is opened yet. */
  public SshConnections() {}

  /**
   * A machine; hosts of the same name and way share one connection, which is opened when it is
   * needed, or by {@link #open}.
   *
   * @param name the name the topology gives it
   */
  public synchronized SshHost host(String name, SshReach reach, Witness witness) {
    var connection = connections.computeIfAbsent(new Place(name, reach), this::make);
    return new SshHost(new SshAccount(name, connection, Optional.empty()), witness);
  }

  private SshConnection make(Place place) {
    var socket = folder().resolve(Integer.toString(connections.size()));
    return new SshConnection(place.name(), place.reach(), socket, handshakes, () -> minded);
  }

  /**
   * While clients are held, no machine is waited for longer than that may last: one that stands
   * still must not keep everybody waiting.
   */
  public void mindHold(Budget budget) {
    minded = Optional.of(budget);
  }

  private Path folder() {
    try {
      var present = folder;
      if (present == null) {
        present = Files.createTempDirectory(PARENT, "upssh"); // 0700
        folder = present;
        Runtime.getRuntime().addShutdownHook(hook);
      }
      return present;
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not make a folder in " + PARENT + ": " + e.getMessage(), "", e);
    }
  }

  /**
   * Opens the connections to these hosts, several at a time.
   *
   * @throws WorldError for the first that could not be opened, with the others suppressed
   */
  public void open(Collection<SshHost> hosts) {
    var failures = java.util.Collections.synchronizedList(new ArrayList<RuntimeException>());
    var threads = hosts.stream().map(host -> Thread.ofPlatform().start(() -> open(host, failures)));
    try {
      for (var thread : threads.toList()) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorldError("this machine", "connecting was interrupted", "", e);
    }
    if (!failures.isEmpty()) {
      var first = failures.getFirst();
      failures.stream().skip(1).forEach(first::addSuppressed);
      throw first;
    }
  }

  private static void open(SshHost host, List<RuntimeException> failures) {
    try {
      host.open();
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  /** Ends all connections; hosts that are used afterwards say so. */
  @Override
  public void close() {
    endAll();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already.
    }
  }

  private synchronized void endAll() {
    connections.values().forEach(SshConnection::close);
    var made = folder;
    if (made == null) {
      return;
    }
    try (var left = Files.walk(made)) {
      for (var file : left.toList().reversed()) {
        Files.deleteIfExists(file);
      }
      folder = null;
    } catch (IOException e) {
      throw new WorldError(
          "this machine", "could not remove " + made + ": " + e.getMessage(), "remove it", e);
    }
  }
}
