package dev.upshift.probe;

import java.io.IOException;
import java.security.Security;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The probe's own process. Runs until the stop file appears or SIGTERM comes, then ends what is
 * under way, forces the log to disk and exits 0; 2 when it was started wrongly, 3 when it cannot
 * write its log. Ready when the log has its begin line.
 */
public final class ProbeMain {
  private static final long MAX_END_SECONDS = 30;

  private ProbeMain() {}

  /** Runs a probe; the arguments are those of {@link ProbeOptions#arguments()}. */
  public static void main(String[] args) {
    // A client that keeps names for 30 s would measure its own memory.
    Security.setProperty("networkaddress.cache.ttl", "0");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
    RememberedKeys.install();
    System.exit(run(List.of(args)));
  }

  private static int run(List<String> args) {
    var ended = new CountDownLatch(1);
    try {
      var options = ProbeOptions.parse(args);
      if (options.hosts().isEmpty()) {
        run(new Probe(options), ended);
      } else {
        try (var hosts = options.hosts().get().keep()) {
          run(new Probe(options, hosts), ended);
        }
      }
      return 0;
    } catch (UsageError e) {
      System.err.println("probe: " + e.getMessage() + "\nHINT: " + e.hint());
      return 2;
    } catch (IOException e) {
      System.err.println("probe: " + e.getMessage());
      Throwable cause = e.getCause();
      if (cause != null) {
        cause.printStackTrace();
      }
      return 3;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 3;
    } finally {
      ended.countDown();
    }
  }

  private static void run(Probe probe, CountDownLatch ended)
      throws IOException, InterruptedException {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(probe, ended), "probe-end"));
    probe.run();
  }

  /** On SIGTERM a JVM exits 143 whatever the hooks do; a probe that ended in order exits 0. */
  private static void end(Probe probe, CountDownLatch ended) {
    if (ended.getCount() == 0) {
      return;
    }
    probe.stop().request();
    try {
      boolean inOrder = ended.await(MAX_END_SECONDS, TimeUnit.SECONDS);
      Runtime.getRuntime().halt(inOrder && probe.stop().failure().isEmpty() ? 0 : 3);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
