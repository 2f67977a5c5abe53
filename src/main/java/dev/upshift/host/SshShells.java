package dev.upshift.host;

import dev.upshift.host.Unanswered.Kind;
import dev.upshift.time.Deadline;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The shells of one user over one connection: as many as are used at once, at most four, because a
 * server allows ten sessions a connection (MaxSessions).
 */
final class SshShells implements AutoCloseable {
  private static final int MOST = 4;
  private static final int MOST_LEFT = 2;

  private final SshMaster master;
  private final SshUser user;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<SshShell> idle = new ArrayDeque<>();

  /** Whose outputs a program that was left behind may still write to. */
  private final ArrayDeque<SshShell> left = new ArrayDeque<>();

  private int busy;
  private int most = MOST;

  SshShells(SshMaster master, SshUser user) {
    this.master = master;
    this.user = user;
  }

  /** Has a shell answer this; at the deadline it is killed with all that it runs. */
  Answer answer(ShellText text, Deadline deadline) throws Unanswered, InterruptedException {
    var shell = take(deadline);
    Optional<Answer> answer = Optional.empty();
    try {
      answer = Optional.of(shell.answer(text, deadline));
      return answer.get();
    } catch (TimeoutException e) {
      boolean killed = master.kill(shell, user);
      throw new Unanswered(killed ? Kind.KILLED : Kind.STUCK, "");
    } catch (InterruptedException e) {
      master.kill(shell, user);
      throw e;
    } finally {
      giveBack(shell, answer);
    }
  }

  private SshShell take(Deadline deadline) throws Unanswered, InterruptedException {
    while (true) {
      var shell = idleOrPlace(deadline);
      if (shell.isPresent()) {
        return shell.get();
      }
      try {
        return SshShell.on(master.session(user), deadline);
      } catch (Unanswered e) {
        if (!leavePlace(e)) {
          throw master.refused(user, e);
        }
      } catch (TimeoutException e) {
        leavePlace();
        master.closeUnlessItAnswers();
        throw new Unanswered(Kind.BUSY, "");
      } catch (InterruptedException e) {
        leavePlace();
        throw e;
      }
    }
  }

  /** An idle shell; or nothing, and with it the right to open one. */
  private Optional<SshShell> idleOrPlace(Deadline deadline)
      throws Unanswered, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        if (!master.isOpen()) {
          throw new Unanswered(Kind.LOST_BEFORE, master.lastLines());
        }
        var shell = idle.pollLast();
        if (shell == null && busy >= most) {
          if (changed.awaitNanos(deadline.remaining().toNanos()) <= 0) {
            throw new Unanswered(Kind.BUSY, "");
          }
        } else if (shell == null || shell.isOpen()) {
          busy++;
          return Optional.ofNullable(shell);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void leavePlace() {
    lock.lock();
    try {
      busy--;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * No session could be opened.
   *
   * @return whether to wait for one of the others, because the server allows no more
   */
  private boolean leavePlace(Unanswered why) {
    lock.lock();
    try {
      leavePlace();
      boolean wait = master.isOpen() && busy > 0 && why.said().contains("refused by peer");
      if (wait) {
        most = busy;
      }
      return wait;
    } finally {
      lock.unlock();
    }
  }

  private void giveBack(SshShell shell, Optional<Answer> answer) {
    lock.lock();
    try {
      leavePlace();
      if (answer.isEmpty()) {
        shell.close();
      } else if (answer.get().clean()) {
        idle.addLast(shell);
      } else {
        left.addLast(shell);
      }
      // A program that was left behind would be hit by the end of its outputs: the last few keep
      // them.
      while (left.size() > MOST_LEFT) {
        left.removeFirst().close();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      idle.forEach(SshShell::close);
      left.forEach(SshShell::close);
      idle.clear();
      left.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
