package dev.upshift.host;

import dev.upshift.failure.WorldError;
import dev.upshift.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Does the same to several things at once: the last on the thread that asks, each other one on a
 * thread of its own. Threads that have ended their work are kept for a while: to begin one takes
 * its time, and clients may be waiting.
 */
public final class AtOnce {
  /** More do not make it faster, and each is a thread. */
  private static final int AT_A_TIME = 64;

  /** An error that names hundreds of machines says less. */
  private static final int NAMED = 5;

  /** Platform threads: virtual ones that wait for a program's output pin their carriers. */
  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("at-once-", 0).factory());

  private AtOnce() {}

  /**
   * What came of each, in their order; waits until the last has ended. One that fails keeps none of
   * the others from its work.
   *
   * @throws RuntimeException the first failure, with the others suppressed, and named where all are
   *     the world's
   */
  public static <T, R> List<R> each(List<T> things, Function<T, R> work) {
    var places = new Semaphore(AT_A_TIME);
    var others = things.subList(0, Math.max(0, things.size() - 1));
    var running = others.stream().map(thing -> start(() -> inTurn(places, thing, work))).toList();
    var answers = new ArrayList<>(running.stream().map(Running::result).toList());
    if (!things.isEmpty()) {
      answers.add(done(() -> inTurn(places, things.getLast(), work)));
    }
    join(running);
    var failures = new ConcurrentLinkedQueue<Throwable>();
    var results = new ArrayList<R>();
    for (var answer : answers) {
      try {
        results.add(answer.join());
      } catch (CompletionException e) {
        failures.add(Optional.ofNullable(e.getCause()).orElse(e));
      }
    }
    var first = failures.poll();
    if (first == null) {
      return results;
    }
    var thrown = first instanceof WorldError world ? naming(world, failures) : first;
    failures.forEach(thrown::addSuppressed);
    throw unchecked(thrown);
  }

  private static WorldError naming(WorldError first, Collection<Throwable> others) {
    var named =
        others.stream()
            .filter(WorldError.class::isInstance)
            .map(WorldError.class::cast)
            .map(other -> "; " + other.where() + ": " + other.what())
            .limit(NAMED)
            .collect(Collectors.joining());
    var more = others.size() > NAMED ? "; and " + (others.size() - NAMED) + " more" : "";
    return others.isEmpty()
        ? first
        : new WorldError(first.where(), first.what() + named + more, first.hint(), first);
  }

  private static <T, R> R inTurn(Semaphore places, T thing, Function<T, R> work) {
    places.acquireUninterruptibly();
    try {
      return work.apply(thing);
    } finally {
      places.release();
    }
  }

  /** What came of one of several. */
  public sealed interface Answer<R> {
    /** This. */
    record Came<R>(R value) implements Answer<R> {}

    /** Nothing, and why: it failed, or nobody waits for it any longer. */
    record None<R>(WorldError why) implements Answer<R> {}
  }

  /**
   * What came of each, none of which is waited for longer than it may take: what is late goes on
   * alone.
   *
   * @param patience how long each may take
   * @param late told what comes of one for which nobody waits any longer
   */
  public static <T, R> Map<T, Answer<R>> eachWithin(
      Function<T, Duration> patience, List<T> things, Function<T, R> work, Consumer<R> late) {
    var deadlines = new LinkedHashMap<T, Deadline>();
    things.forEach(thing -> deadlines.put(thing, Deadline.in(patience.apply(thing))));
    var places = new Semaphore(AT_A_TIME);
    var running = new LinkedHashMap<T, Running<R>>();
    things.forEach(thing -> running.put(thing, start(() -> inTurn(places, thing, work))));
    var answers = new LinkedHashMap<T, Answer<R>>();
    running.forEach((thing, one) ->
        answers.put(thing, answer(one, Objects.requireNonNull(deadlines.get(thing)), late)));
    return answers;
  }

  private static <R> Answer<R> answer(Running<R> running, Deadline deadline, Consumer<R> late) {
    try {
      return new Answer.Came<>(
          running.result().get(deadline.remaining().toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      var _ = running.result().thenAccept(late);
      return new Answer.None<>(
          new WorldError("", "no answer within " + deadline.length().toSeconds() + " s", ""));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer.None<>(new WorldError("", "interrupted", ""));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WorldError world) {
        return new Answer.None<>(world);
      }
      throw unchecked(Optional.ofNullable(e.getCause()).orElse(e));
    }
  }

  /**
   * Does all of it, or as much as was done when the first failed: the others are interrupted then.
   *
   * @return the first failure, if there was one
   */
  public static <T> Optional<RuntimeException> untilOneFails(List<T> things, Consumer<T> work) {
    if (things.size() == 1) {
      return failure(things.getFirst(), work);
    }
    var first = new AtomicReference<@Nullable Throwable>();
    var all = new ConcurrentLinkedQueue<Running<T>>();
    for (var thing : things) {
      all.add(
          start(() -> {
            try {
              work.accept(thing);
            } catch (RuntimeException | Error e) {
              if (first.compareAndSet(null, e)) {
                all.forEach(Running::interrupt);
              }
            }
            return thing;
          }));
    }
    if (first.get() != null) {
      all.forEach(Running::interrupt); // those that were not there yet when it failed
    }
    join(List.copyOf(all));
    return Optional.ofNullable(first.get()).map(AtOnce::unchecked);
  }

  private static <T> Optional<RuntimeException> failure(T thing, Consumer<T> work) {
    try {
      work.accept(thing);
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(e);
    }
  }

  /** Work on a thread that is another's before and after it. */
  private static final class Running<R> implements Runnable {
    private final Supplier<R> work;
    private final CompletableFuture<R> result = new CompletableFuture<>();
    private @Nullable Thread thread;
    private boolean interrupted;

    Running(Supplier<R> work) {
      this.work = work;
    }

    CompletableFuture<R> result() {
      return result;
    }

    @Override
    public void run() {
      begin();
      try {
        complete(result, work);
      } finally {
        end();
      }
    }

    /** Also before it has begun; once it has ended it is somebody else's thread. */
    synchronized void interrupt() {
      interrupted = true;
      if (thread != null) {
        thread.interrupt();
      }
    }

    private synchronized void begin() {
      thread = Thread.currentThread();
      if (interrupted) {
        thread.interrupt();
      }
    }

    private synchronized void end() {
      thread = null;
      var _ = Thread.interrupted();
    }
  }

  /** What came of it here and now. */
  private static <R> CompletableFuture<R> done(Supplier<R> work) {
    var result = new CompletableFuture<R>();
    complete(result, work);
    return result;
  }

  private static <R> Running<R> start(Supplier<R> work) {
    var running = new Running<>(work);
    THREADS.execute(running);
    return running;
  }

  private static <R> void complete(CompletableFuture<R> result, Supplier<R> work) {
    try {
      result.complete(work.get());
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  /** When we are to end, so are they; nothing goes on behind our back. */
  private static <R> void join(List<Running<R>> all) {
    boolean interrupted = false;
    for (var one : all) {
      while (!one.result().isDone()) {
        try {
          one.result().get();
        } catch (InterruptedException e) {
          interrupted = true;
          all.forEach(Running::interrupt);
        } catch (ExecutionException e) {
          // Who asks for the result meets it.
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
