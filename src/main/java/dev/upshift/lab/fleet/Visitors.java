package dev.upshift.lab.fleet;

import dev.upshift.lab.fleet.Tally.Outcome;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The visitors of the site: they come at given rates, whether or not the site answers, and keep
 * their connections as browsers do. A file with the totals is written anew every second.
 */
public final class Visitors {
  private static final Set<String> KNOWN =
      Set.of(
          "site",
          "api",
          "podcasts",
          "pages",
          "searches",
          "api-reads",
          "playlists",
          "clips",
          "logins",
          "out",
          "stop-file",
          "seconds",
          "seed");
  private static final int MOST_UNDER_WAY = 1000;
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(8);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long WRITE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .executor(Executors.newVirtualThreadPerTaskExecutor())
          .build();
  private final Visits visits;
  private final Path out;
  private final Optional<Path> stopFile;
  private final long endNanos;
  private final Random random;
  private final Instant startedAt = Instant.now();
  private final long startNanos = System.nanoTime();
  private final Map<String, Tally> tallies = new LinkedHashMap<>();
  private final Tally reads = new Tally();
  private final Tally writes = new Tally();
  private final Counters errors = new Counters();
  private final AtomicInteger underWay = new AtomicInteger();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread = Thread.ofPlatform().name("visits").unstarted(this::run);

  Visitors(Arguments arguments) {
    this.visits = Visits.from(arguments);
    this.out = Path.of(arguments.need("out"));
    this.stopFile = arguments.find("stop-file").map(Path::of);
    this.random = new Random(arguments.number("seed", 1));
    double seconds = arguments.decimal("seconds", 365 * 86_400.0);
    this.endNanos = startNanos + (long) (seconds * 1e9);
    visits.kinds().forEach(kind -> tallies.put(kind.path(), new Tally()));
    thread.start();
  }

  /**
   * Lets visitors come until SIGTERM, until the file {@code --stop-file} is there, or for {@code
   * --seconds}. Rates are per second.
   */
  public static void main(String[] words) {
    Lifecycle.run(
        words,
        KNOWN,
        arguments -> {
          Visitors visitors = new Visitors(arguments);
          Thread.ofPlatform().start(visitors::exitAtTheEnd);
          return visitors::stop;
        });
  }

  /** Sends nothing more, waits for the last answers, writes the totals. */
  boolean stop() {
    stopping.countDown();
    return awaitEnd();
  }

  private void exitAtTheEnd() {
    if (awaitEnd()) {
      System.exit(0);
    }
  }

  boolean awaitEnd() {
    try {
      thread.join();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void run() {
    long[] due = new long[visits.kinds().size()];
    for (int i = 0; i < due.length; i++) {
      due[i] = startNanos + (long) (random.nextDouble() * 1e9 / visits.kinds().get(i).rate());
    }
    long look = startNanos;
    long write = startNanos;
    while (!isStopping(nextOf(due, look))) {
      long now = System.nanoTime();
      for (int i = 0; i < due.length; i++) {
        for (; due[i] <= now; due[i] += (long) (1e9 / visits.kinds().get(i).rate())) {
          send(visits.kinds().get(i), due[i]);
        }
      }
      if (look <= now) {
        look = now + LOOK_NANOS;
        lookForTheEnd(now);
      }
      if (write <= now) {
        write = now + WRITE_NANOS;
        writeTotals(false);
      }
    }
    awaitLastAnswers();
    writeTotals(true);
  }

  private void lookForTheEnd(long nowNanos) {
    if (nowNanos >= endNanos || (stopFile.isPresent() && Files.exists(stopFile.get()))) {
      stopping.countDown();
    }
  }

  private static long nextOf(long[] due, long look) {
    long next = look;
    for (long at : due) {
      next = Math.min(next, at);
    }
    return next;
  }

  private boolean isStopping(long untilNanos) {
    try {
      return stopping.await(untilNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private void send(Visits.Kind kind, long dueNanos) {
    if (underWay.incrementAndGet() > MOST_UNDER_WAY) {
      underWay.decrementAndGet();
      count(kind, Outcome.SKIPPED, dueNanos);
      return;
    }
    HttpRequest request = kind.request().apply(random);
    Thread.ofVirtual()
        .start(() -> {
          count(kind, ask(kind, request), dueNanos);
          underWay.decrementAndGet();
        });
  }

  private Outcome ask(Visits.Kind kind, HttpRequest request) {
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      if (response.statusCode() == (kind.write() ? 201 : 200)) {
        return Outcome.OK;
      }
      if (response.statusCode() == 503 && response.body().startsWith(Service.RESTING)) {
        return Outcome.RESTING;
      }
      errors.count(kind.path() + " HTTP " + response.statusCode());
    } catch (IOException e) {
      errors.count(kind.path() + " " + e.getClass().getSimpleName());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      errors.count(kind.path() + " interrupted");
    }
    return Outcome.FAILED;
  }

  private void count(Visits.Kind kind, Outcome outcome, long dueNanos) {
    long now = System.nanoTime();
    tally(kind.path()).add(outcome, now - dueNanos, now);
    (kind.write() ? writes : reads).add(outcome, now - dueNanos, now);
  }

  private Tally tally(String path) {
    return Objects.requireNonNull(tallies.get(path));
  }

  private void awaitLastAnswers() {
    long deadline = System.nanoTime() + LAST_ANSWERS.toNanos();
    while (underWay.get() > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
  }

  private void writeTotals(boolean last) {
    long now = System.nanoTime();
    Map<String, Object> paths = new LinkedHashMap<>();
    tallies.forEach((path, tally) -> paths.put(path, tally.totals(now)));
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("startedAt", startedAt);
    totals.put("seconds", (now - startNanos) / 1e9);
    totals.put("ended", last);
    totals.put("underWay", underWay.get());
    totals.put("reads", reads.totals(now));
    totals.put("writes", writes.totals(now));
    totals.put("errors", errors.totals());
    totals.put("paths", paths);
    try {
      Json.write(out, totals);
    } catch (IOException e) {
      System.err.println(out + " cannot be written: " + e.getMessage());
    }
  }
}
