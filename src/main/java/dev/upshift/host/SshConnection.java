package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.host.Unanswered.Kind;
import dev.upshift.time.Budget;
import dev.upshift.time.Deadline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The way to one machine: its present connection, and a new one where that was lost. */
final class SshConnection implements AutoCloseable {
  private static final Duration TURN = Duration.ofMinutes(10);

  private final String name;
  private final SshReach reach;
  private final Path socket;
  private final Semaphore handshakes;
  private final Supplier<Optional<Budget>> minding;
  private final ReentrantLock lock = new ReentrantLock();

  /** The sockets and ports that the machine leads to, and where they are here. */
  private final Map<String, Path> forwards = new LinkedHashMap<>();

  private volatile @Nullable SshMaster master;
  private volatile boolean closed;

  /**
   * A connection that is not open yet.
   *
   * @param socket where its master is to listen; more sockets come beside it, named after it
   * @param handshakes one of them is needed to log in
   * @param minding the time for which clients are held, if anybody holds them
   */
  SshConnection(
      String name,
      SshReach reach,
      Path socket,
      Semaphore handshakes,
      Supplier<Optional<Budget>> minding) {
    this.name = name;
    this.reach = reach;
    this.socket = socket;
    this.handshakes = handshakes;
    this.minding = minding;
  }

  /**
   * Who does something: the account that was logged in to, and the user it is done for.
   *
   * @param login where the connection leads
   * @param user whose programs run, and to whom new files belong
   */
  record Standing(SshUser login, SshUser user) {
    /** Root works on files itself, and gives them away. */
    boolean givesFiles() {
      return login.isRoot() && !user.isRoot();
    }

    SshUser handlesFiles() {
      return login.isRoot() ? login : user;
    }
  }

  /** Something to be done on the machine, and who does it. */
  record Wish(Function<Standing, SshUser> by, Function<Standing, ShellText> text) {}

  /** Opens it, if it is not open; among hundreds, its turn may be minutes away. */
  void open() {
    call("connect", TURN, true, (_, _) -> true);
  }

  /**
   * Does something that only looks: once more where the connection was lost.
   *
   * @param what it is, for the error
   */
  Answer look(Optional<String> user, Wish wish, String what, Duration limit) {
    return call(what, limit, true, (open, deadline) -> fulfil(open, user, wish, deadline));
  }

  /** Does something that changes something: never a second time. */
  Answer change(Optional<String> user, Wish wish, String what, Duration limit) {
    return call(what, limit, false, (open, deadline) -> fulfil(open, user, wish, deadline));
  }

  private static Answer fulfil(SshMaster open, Optional<String> user, Wish wish, Deadline deadline)
      throws Unanswered, InterruptedException {
    var standing =
        new Standing(open.login(), user.isEmpty() ? open.login() : open.user(user.get(), deadline));
    return open.shells(wish.by().apply(standing)).answer(wish.text().apply(standing), deadline);
  }

  /** A process on the machine whose input and outputs are ours: a shell of this user. */
  Process session(Optional<String> user, Duration limit) {
    return call(
        "open a session",
        limit,
        true,
        (open, deadline) ->
            open.session(user.isEmpty() ? open.login() : open.user(user.get(), deadline)));
  }

  /**
   * A socket here that leads to one there, or to a port; made once, and again with each new
   * connection.
   *
   * @param there the socket's path, or address and port
   * @param name what the socket here is called
   */
  Path forward(String there, String name, Duration limit) {
    return call(
        "lead to " + there,
        limit,
        true,
        (open, _) -> {
          lock.lockInterruptibly();
          try {
            var known = forwards.get(there);
            if (known != null && open.leadsTo(known)) {
              return known;
            }
            var here =
                known == null
                    ? socket
                        .resolveSibling(socket.getFileName() + "." + forwards.size())
                        .resolve(name)
                    : known;
            open.forward(here, there);
            forwards.put(there, here);
            return here;
          } finally {
            lock.unlock();
          }
        });
  }

  /** What ssh's master said last. */
  String lastLines() {
    var present = master;
    return present == null ? "" : present.lastLines();
  }

  private interface Call<T> {
    T on(SshMaster open, Deadline deadline) throws Unanswered, InterruptedException;
  }

  private <T> T call(String what, Duration limit, boolean repeatable, Call<T> call) {
    var patience = minding.get().map(budget -> budget.patience(limit)).orElse(limit);
    var deadline = Deadline.in(patience);
    try {
      var open = present(deadline);
      try {
        return call.on(open, deadline);
      } catch (Unanswered e) {
        if (!e.isLost()) {
          throw e;
        }
        // Also for the next call: ssh may notice it a moment later than we.
        open.closeUnlessItAnswers();
        if (!e.wasNotSent() && !repeatable) {
          throw e;
        }
        return call.on(present(deadline), deadline);
      }
    } catch (Unanswered e) {
      throw e.error(name, what, patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorldError(name, "'" + what + "' was interrupted", "", e);
    }
  }

  private SshMaster present(Deadline deadline) throws Unanswered, InterruptedException {
    var present = master;
    if (present != null && present.isOpen()) {
      return present;
    }
    if (!lock.tryLock(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
      throw new Unanswered(Kind.BUSY, "");
    }
    try {
      present = master;
      if (present == null || !present.isOpen()) {
        present = open(present, deadline);
        master = present;
        if (closed) {
          present.close();
        }
      }
      return present;
    } finally {
      lock.unlock();
    }
  }

  private SshMaster open(@Nullable SshMaster lost, Deadline deadline)
      throws Unanswered, InterruptedException {
    if (closed) {
      throw new WorldError(name, "the connection has been closed", "");
    }
    if (lost != null) {
      lost.close();
    }
    if (!handshakes.tryAcquire(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
      throw new Unanswered(Kind.BUSY, "");
    }
    try {
      var limit = Deadline.in(reach.connectLimit()).orEarlier(deadline);
      var fresh = SshMaster.open(name, reach, socket, limit);
      boolean leads = false;
      try {
        for (var known : forwards.entrySet()) {
          fresh.forward(known.getValue(), known.getKey());
        }
        leads = true;
        return fresh;
      } finally {
        if (!leads) {
          fresh.close();
        }
      }
    } finally {
      handshakes.release();
    }
  }

  /** Ends it for good. */
  @Override
  public void close() {
    closed = true;
    var present = master;
    if (present != null) {
      present.close();
    }
  }
}
