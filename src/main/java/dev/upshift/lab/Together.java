package dev.upshift.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Does several things at once. */
final class Together {
  private Together() {}

  /**
   * Runs them all, each on a thread of its own, and waits until the last has ended.
   *
   * @throws RuntimeException the first failure, with the others suppressed
   */
  static void run(List<Runnable> tasks) {
    var failures = new ConcurrentLinkedQueue<Throwable>();
    var threads = new ArrayList<Thread>();
    for (var task : tasks) {
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try {
                  task.run();
                } catch (RuntimeException | Error e) {
                  failures.add(e);
                }
              }));
    }
    threads.forEach(thread -> join(thread, threads));
    var first = failures.poll();
    if (first == null) {
      return;
    }
    failures.forEach(first::addSuppressed);
    if (first instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) first;
  }

  /** When we are to end, so are they; nothing goes on behind our back. */
  private static void join(Thread thread, List<Thread> all) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        all.forEach(Thread::interrupt);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
