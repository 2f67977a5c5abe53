package dev.upshift.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Does the same to several things at once, each on a thread of its own. */
final class AtOnce {
  private AtOnce() {}

  /**
   * What came of each, in their order; waits until the last has ended.
   *
   * @throws RuntimeException the first failure, with the others suppressed
   */
  static <T, R> List<R> each(List<T> things, Function<T, R> work) {
    var running = things.stream().map(thing -> start(() -> work.apply(thing))).toList();
    join(running.stream().map(Running::thread).toList());
    var failures = new ConcurrentLinkedQueue<Throwable>();
    var results = new ArrayList<R>();
    for (var one : running) {
      try {
        results.add(one.result().join());
      } catch (CompletionException e) {
        failures.add(Optional.ofNullable(e.getCause()).orElse(e));
      }
    }
    var first = failures.poll();
    if (first == null) {
      return results;
    }
    failures.forEach(first::addSuppressed);
    throw unchecked(first);
  }

  /**
   * Does all of it, or as much as was done when the first failed: the others are interrupted then.
   *
   * @return the first failure, if there was one
   */
  static <T> Optional<RuntimeException> untilOneFails(List<T> things, Consumer<T> work) {
    var first = new AtomicReference<@Nullable Throwable>();
    var threads = new ConcurrentLinkedQueue<Thread>();
    for (var thing : things) {
      var running =
          start(() -> {
            try {
              work.accept(thing);
            } catch (RuntimeException | Error e) {
              if (first.compareAndSet(null, e)) {
                threads.forEach(Thread::interrupt);
              }
            }
            return thing;
          });
      threads.add(running.thread());
    }
    if (first.get() != null) {
      threads.forEach(Thread::interrupt); // those that were not there yet when it failed
    }
    join(List.copyOf(threads));
    return Optional.ofNullable(first.get()).map(AtOnce::unchecked);
  }

  private record Running<R>(Thread thread, CompletableFuture<R> result) {}

  private static <R> Running<R> start(Supplier<R> work) {
    var result = new CompletableFuture<R>();
    // A platform thread: virtual ones that wait for a program's output pin their carriers.
    var thread =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                result.complete(work.get());
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            });
    return new Running<>(thread, result);
  }

  /** When we are to end, so are they; nothing goes on behind our back. */
  private static void join(List<Thread> threads) {
    boolean interrupted = false;
    for (var thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
          threads.forEach(Thread::interrupt);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static RuntimeException unchecked(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return (RuntimeException) failure;
  }
}
